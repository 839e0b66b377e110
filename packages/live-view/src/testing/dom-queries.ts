import { parse, type HTMLElement } from "node-html-parser";

/**
 * Finds the one element of a selector, and of a name if `text` is given: its `aria-label` or its text.
 * Throws if there is none, or more than one.
 */
export function findElement(html: string, selector: string, text?: string): HTMLElement {
  const root = parse(html);
  const found = root
    .querySelectorAll(selector)
    .filter((element) => text === undefined || accessibleName(element) === text);
  const [element] = found;
  if (element === undefined || found.length > 1) {
    const wanted = text === undefined ? selector : `${selector} named "${text}"`;
    throw new Error(`expected one element ${wanted}, found ${found.length} in:\n${html}`);
  }
  return element;
}

/** Returns the trimmed text of the one element of a selector. */
export function queryText(html: string, selector: string): string {
  return findElement(html, selector).textContent.trim();
}

const accessibleName = (element: HTMLElement): string =>
  element.getAttribute("aria-label") ?? element.textContent.trim();

/** Collects the value of a click as the official client does: `phx-value-*`, then the element's own value. */
export function clickValue(element: HTMLElement): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, content] of Object.entries(element.attributes)) {
    if (name.startsWith("phx-value-")) value[name.slice("phx-value-".length)] = content;
  }
  if (element.tagName === "BUTTON" || element.hasAttribute("value")) {
    value.value = element.getAttribute("value") ?? "";
  }
  return value;
}

const FIELDS = "input[name], textarea[name], select[name], button[name]";

/** Values for the fields of a form by name; a list if several fields have the same name. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;

/** Encodes a form as the official client does: the rendered values, replaced by `given` ones. */
export function encodeFormValues(form: HTMLElement, given: FormValues): string {
  const fields = new URLSearchParams();
  const names = new Set<string>();
  for (const field of form.querySelectorAll(FIELDS)) {
    const type = field.getAttribute("type");
    // A button is sent only if it was pressed; a test passes it in `given`.
    const isButton = field.tagName === "BUTTON" || type === "submit";
    const isUnchecked = (type === "checkbox" || type === "radio") && !field.hasAttribute("checked");
    const name = field.getAttribute("name");
    if (name !== undefined) names.add(name);
    if (name === undefined || isButton || isUnchecked || field.hasAttribute("disabled")) continue;
    for (const value of fieldValues(field)) fields.append(name, value);
  }
  for (const [name, value] of Object.entries(given)) {
    if (!names.has(name)) {
      const known = [...names].join(", ") || "none";
      throw new Error(`expected the name of a field of the form (${known}), found "${name}"`);
    }
    fields.delete(name);
    for (const each of typeof value === "string" ? [value] : value) fields.append(name, each);
  }
  return fields.toString();
}

function fieldValues(field: HTMLElement): readonly string[] {
  if (field.tagName !== "SELECT" || !field.hasAttribute("multiple")) return [fieldValue(field)];
  return field.querySelectorAll("option[selected]").map(optionValue);
}

function fieldValue(field: HTMLElement): string {
  // Browsers drop a line break right after <textarea>. The official client sends each line break as LF.
  if (field.tagName === "TEXTAREA") {
    return field.textContent.replace(/^\n/, "").replace(/\r\n?/g, "\n");
  }
  if (field.tagName !== "SELECT") {
    const fallback = field.getAttribute("type") === "checkbox" ? "on" : "";
    return field.getAttribute("value") ?? fallback;
  }
  const chosen = field.querySelector("option[selected]") ?? field.querySelector("option");
  return chosen === null ? "" : optionValue(chosen);
}

const optionValue = (option: HTMLElement): string =>
  option.getAttribute("value") ?? option.textContent.trim();
