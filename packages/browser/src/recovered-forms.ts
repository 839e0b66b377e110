/**
 * The attribute from which the client takes the value `_recovered` when it sends a form's event, for
 * forms with `phx-change` and an id: those that it sends again by itself after it has joined.
 */
const MARK = "phx-value-_recovered";

/** A form with `phx-auto-recover` sends an event of its own, which nobody takes for a person's. */
const FORMS = "form[phx-change][id]:not([phx-auto-recover])";

type FormElement = Element & {
  readonly type?: string;
  readonly value?: string;
  readonly defaultValue?: string;
  readonly checked?: boolean;
  readonly defaultChecked?: boolean;
  readonly multiple?: boolean;
  readonly selectedIndex?: number;
  readonly options?: Iterable<HTMLOptionElement>;
};

/**
 * Marks the forms of a view that is about to join: `same` if a form shows what the server rendered,
 * `edited` if it shows anything else. The client copies the forms when it has joined and sends them
 * again; the patch that follows takes the mark off the page's own forms.
 */
export function markForms(container: HTMLElement): void {
  // A page without a screen has a stand-in for its container, and no forms.
  const forms = container.querySelectorAll?.<HTMLFormElement>(FORMS) ?? [];
  for (const form of forms) {
    form.setAttribute(MARK, [...form.elements].some(isEdited) ? "edited" : "same");
  }
}

/** Takes the mark off a form that a person changes or submits: that event is theirs. */
export function unmarkForm({ target }: Event): void {
  const { form } = target as HTMLInputElement;
  // Scripts may dispatch such an event on what is no element.
  (form ?? (target as HTMLElement)).removeAttribute?.(MARK);
}

function isEdited(element: FormElement): boolean {
  const { options, type, value } = element;
  if (options !== undefined) {
    const all = [...options];
    if (element.multiple) return all.some((option) => option.selected !== option.defaultSelected);
    const rendered = all.findIndex((option) => option.defaultSelected);
    return element.selectedIndex !== Math.max(0, rendered);
  }
  if (type === "checkbox" || type === "radio") return element.checked !== element.defaultChecked;
  // A button has no default, a file input shows the name of a file that the server has not rendered.
  return value !== (element.defaultValue ?? value);
}
