/**
 * The attribute from which the client takes the value `_recovered` of a form's event. The client itself
 * sends forms with `phx-change` and an id again after it has joined.
 */
const MARK = "phx-value-_recovered";

/** A form with `phx-auto-recover` sends an event of its own, which cannot be mistaken for the user's. */
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
 * `edited` if not. After the join, the client copies the forms and sends them again; the patch that
 * follows removes the mark from the page's own forms.
 */
export function markForms(container: HTMLElement): void {
  // A page of a test or load generator has a stand-in for the container, without forms.
  const forms = container.querySelectorAll?.<HTMLFormElement>(FORMS) ?? [];
  for (const form of forms) {
    form.setAttribute(MARK, [...form.elements].some(isEdited) ? "edited" : "same");
  }
}

/** Removes the mark from a form that the user changes or submits, because that event is the user's. */
export function unmarkForm({ target }: Event): void {
  const { form } = target as HTMLInputElement;
  // Scripts may dispatch such an event on a target that is no element.
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
  // A button has no default value; a file input shows a file name that the server has not rendered.
  return value !== (element.defaultValue ?? value);
}
