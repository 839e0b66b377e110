import { FORM_STEPS, type Field, type Values } from "./fields.ts";

/** A step with questions, the review of all answers, or the end. */
export type StepName = (typeof FORM_STEPS)[number]["name"] | "review" | "sent";

/** A report of a lost suitcase, as far as it has been filled in. */
export interface LostReport {
  readonly step: StepName;
  readonly values: Values;
  /** Whether the visitor tried to leave the current step with errors, so that they are shown. */
  readonly isChecked: boolean;
}

const ORDER: readonly StepName[] = [...FORM_STEPS.map(({ name }) => name), "review", "sent"];
const MAX_LENGTH = 500;

/** Returns an empty report. */
export function blankReport(): LostReport {
  return { step: "you", values: {}, isChecked: false };
}

/** Returns the questions of a step, given the answers so far. */
export function fieldsOf(step: StepName, values: Values): readonly Field[] {
  const fields: readonly Field[] = FORM_STEPS.find(({ name }) => name === step)?.fields ?? [];
  return fields.filter(({ isAsked }) => isAsked?.(values) ?? true);
}

/** Returns the errors of a step's answers, by field name. */
export function problemsOf(step: StepName, values: Values): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const { name, problem } of fieldsOf(step, values)) {
    const found = problem?.((values[name] ?? "").trim());
    if (found !== undefined) problems.set(name, found);
  }
  return problems;
}

/** Adds a page's answers to the questions of the current step. */
export function fillIn(report: LostReport, sent: Readonly<Record<string, unknown>>): LostReport {
  const values: Record<string, string> = { ...report.values };
  const all = FORM_STEPS.find(({ name }) => name === report.step)?.fields ?? [];
  for (const { name } of all) {
    const value = sent[name];
    if (typeof value === "string") values[name] = value.slice(0, MAX_LENGTH);
  }
  return { ...report, values };
}

/** Goes to the next step, or stays and shows the errors of this one. */
export function goOn(report: LostReport): LostReport {
  if (problemsOf(report.step, report.values).size > 0) return { ...report, isChecked: true };
  return { ...report, step: neighbour(report.step, 1), isChecked: false };
}

/** Goes to the previous step, unless the report was sent. */
export function goBack(report: LostReport): LostReport {
  if (report.step === "sent") return report;
  return { ...report, step: neighbour(report.step, -1), isChecked: false };
}

/** Goes back to a step by its name, to change an answer. */
export function returnTo(report: LostReport, step: unknown): LostReport {
  const target = FORM_STEPS.find(({ name }) => name === step);
  if (target === undefined || stepNumber(target.name) >= stepNumber(report.step)) return report;
  return report.step === "sent" ? report : { ...report, step: target.name, isChecked: false };
}

/** The position of a step, from 1. */
export function stepNumber(step: StepName): number {
  return ORDER.indexOf(step) + 1;
}

function neighbour(step: StepName, distance: number): StepName {
  return ORDER[ORDER.indexOf(step) + distance] ?? step;
}
