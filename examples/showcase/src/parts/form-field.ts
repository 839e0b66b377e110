import { html, type Template } from "@live-stash/live-view";
import type { Field } from "../luggage/fields.ts";

/** The contents of a field. Ids begin with `scope`, so that a form can be on a page twice. */
export interface FieldState {
  readonly scope: string;
  readonly value: string;
  readonly problem: string | undefined;
}

/** A question with its label, hint and problem, tied together for screen readers. */
export function formField(field: Field, { scope, value, problem }: FieldState): Template {
  const id = `${scope}-${field.name}`;
  const notes = [field.hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  const given: Given = {
    id,
    value,
    describedBy: notes === "" ? null : notes,
    isInvalid: problem !== undefined,
  };
  const below = html`${field.hint !== undefined && html`<p class="hint" id="${id}-hint">${field.hint}</p>`}
  ${problem !== undefined && html`<p class="problem" id="${id}-problem">${problem}</p>`}`;
  if (field.kind === "radio") {
    return html`<fieldset
      class="field"
      id="${id}"
      tabindex="-1"
      aria-describedby=${given.describedBy}
    >
      <legend>${field.label}</legend>
      <div class="choices">
        ${field.options?.map(([option, label]) => radio(field, given, option, label))}
      </div>
      ${below}
    </fieldset>`;
  }
  return html`<div class="field">
    <label for="${id}">${field.label}</label>
    ${control(field, given)} ${below}
  </div>`;
}

interface Given {
  readonly id: string;
  readonly value: string;
  readonly describedBy: string | null;
  readonly isInvalid: boolean;
}

function control(field: Field, { id, value, describedBy, isInvalid }: Given): Template {
  switch (field.kind) {
    case "long-text":
      return html`<textarea
        id="${id}"
        name="${field.name}"
        rows="3"
        phx-debounce="250"
        aria-invalid=${isInvalid}
        aria-describedby=${describedBy}
      >
${value}</textarea>`;
    case "choice":
      return html`<select
        id="${id}"
        name="${field.name}"
        aria-invalid=${isInvalid}
        aria-describedby=${describedBy}
      >
        ${field.options?.map(
          ([option, label]) =>
            html`<option value="${option}" selected=${option === value}>${label}</option>`,
        )}
      </select>`;
    default:
      return html`<input
        id="${id}"
        name="${field.name}"
        type="${field.kind}"
        value="${value}"
        autocomplete="${field.autocomplete ?? "off"}"
        phx-debounce="250"
        aria-invalid=${isInvalid}
        aria-describedby=${describedBy}
      />`;
  }
}

function radio(field: Field, { id, value }: Given, option: string, label: string): Template {
  return html`<label class="choice">
    <input
      id="${id}-${option}"
      type="radio"
      name="${field.name}"
      value="${option}"
      checked=${option === value}
    />
    <span>${label}</span>
  </label>`;
}
