import { html, type Template } from "@live-stash/live-view";
import { FORM_STEPS, type Field, type Values } from "../luggage/fields.ts";
import {
  fieldsOf,
  problemsOf,
  stepNumber,
  type LostReport,
  type StepName,
} from "../luggage/lost-report.ts";
import type { SideName } from "../sides.ts";
import { formField } from "./form-field.ts";

const STEPS: readonly { readonly name: StepName; readonly title: string }[] = [
  ...FORM_STEPS,
  { name: "review", title: "Review" },
];

/** Renders the form of one side at its current step. */
export function luggageForm(side: SideName, report: LostReport): Template {
  const title = STEPS.find(({ name }) => name === report.step)?.title ?? "Sent. Thank you!";
  return html`<div class="luggage">
    ${progress(report.step)}
    <h3 id="${side}-step" tabindex="-1">${title}</h3>
    ${report.step === "review" || report.step === "sent" ? review(side, report) : questions(side, report)}
    <div class="luggage-buttons">${buttons(side, report.step)}</div>
  </div>`;
}

/** Returns the prefix of ids in a step's form. It names the step, so that no form is mistaken for another. */
export function formScope(side: SideName, step: StepName): string {
  return `${side}-${step}`;
}

function progress(current: StepName): Template {
  return html`<ol class="progress" aria-label="Steps">
    ${STEPS.map(
      ({ name, title }) =>
        html`<li
          data-state="${stepNumber(name) < stepNumber(current) ? "done" : "open"}"
          aria-current=${name === current ? "step" : null}
        >
          <span class="visually-hidden"
            >${title}${stepNumber(name) < stepNumber(current) && ", done"}</span
          >
        </li>`,
    )}
  </ol>`;
}

function questions(side: SideName, { step, values, isChecked }: LostReport): Template {
  const scope = formScope(side, step);
  const problems = problemsOf(step, values);
  return html`<form
    id="${scope}"
    phx-change="fill_in"
    phx-submit="go_on"
    novalidate
    autocomplete="off"
  >
    <input type="hidden" name="side" value="${side}" />
    ${fieldsOf(step, values).map((field) =>
      formField(field, {
        scope,
        value: values[field.name] ?? "",
        problem: isChecked ? problems.get(field.name) : undefined,
      }),
    )}
  </form>`;
}

function review(side: SideName, { step, values }: LostReport): Template {
  return html`<dl class="review">
    ${FORM_STEPS.map(
      ({ name, title }) =>
        html`<div class="review-step">
          <dt>
            ${title}
            ${
              step === "review" &&
              html`<button
                type="button"
                class="link"
                phx-click="return_to"
                phx-value-side="${side}"
                phx-value-step="${name}"
                aria-label="Change ${title}"
              >
                Change
              </button>`
            }
          </dt>
          <dd>
            ${fieldsOf(name, values)
              .map((field) => answerOf(field, values))
              .join(" · ")}
          </dd>
        </div>`,
    )}
  </dl>`;
}

function answerOf({ name, options }: Field, values: Values): string {
  const value = values[name] ?? "";
  return options?.find(([option]) => option === value)?.[1] ?? value;
}

function buttons(side: SideName, step: StepName): Template {
  const isForm = step !== "review" && step !== "sent";
  // Outside of the form, which each step replaces: a button that stays keeps the focus.
  return html`${
    step !== "you" &&
    step !== "sent" &&
    html`<button type="button" class="button" phx-click="go_back" phx-value-side="${side}">
      Back
    </button>`
  }
  ${
    isForm &&
    html`<button type="submit" class="button is-primary" form="${formScope(side, step)}">
      Continue
    </button>`
  }
  ${
    step === "review" &&
    html`<button type="button" class="button is-primary" phx-click="go_on" phx-value-side="${side}">
      Send the report
    </button>`
  }`;
}
