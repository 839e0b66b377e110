/** The kind of control that shows a field of the form. */
export type FieldKind = "text" | "email" | "date" | "long-text" | "choice" | "radio";

/** The answers typed so far, by field name. */
export type Values = Readonly<Record<string, string>>;

/** One question of the form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly hint?: string;
  /** For the browser's own memory. */
  readonly autocomplete?: string;
  /** For `choice` and `radio`: values and what they are called. */
  readonly options?: readonly (readonly [value: string, label: string])[];
  /** Whether the question is asked at all. Default: always. */
  readonly isAsked?: (values: Values) => boolean;
  /** Returns the error of a trimmed answer; `undefined` if the answer is valid. */
  readonly problem?: (value: string) => string | undefined;
}

const required =
  (message: string): ((value: string) => string | undefined) =>
  (value) =>
    value === "" ? message : undefined;

const YOU: readonly Field[] = [
  {
    name: "name",
    label: "Your name",
    kind: "text",
    autocomplete: "name",
    problem: required("Tell us your name."),
  },
  {
    name: "email",
    label: "Email address",
    kind: "email",
    autocomplete: "email",
    hint: "We write as soon as it turns up.",
    problem: (value) =>
      /^\S+@\S+\.\S+$/.test(value) ? undefined : "Enter an address such as ada@example.org.",
  },
];

const JOURNEY: readonly Field[] = [
  {
    name: "from",
    label: "From",
    kind: "text",
    problem: required("Where did you start?"),
  },
  { name: "to", label: "To", kind: "text", problem: required("Where did you arrive?") },
  {
    name: "day",
    label: "Day of arrival",
    kind: "date",
    problem: required("Choose the day."),
  },
];

const SUITCASE: readonly Field[] = [
  {
    name: "size",
    label: "Size",
    kind: "choice",
    options: [
      ["", "Choose one"],
      ["cabin", "Cabin"],
      ["medium", "Medium"],
      ["large", "Large"],
    ],
    problem: required("Choose a size."),
  },
  {
    name: "looks",
    label: "What does it look like?",
    kind: "long-text",
    hint: "Colour, stickers, dents: at least 20 characters.",
    problem: (value) =>
      value.length >= 20 ? undefined : `${20 - value.length} more characters, please.`,
  },
];

const RETURN: readonly Field[] = [
  {
    name: "way",
    label: "How shall it come back?",
    kind: "radio",
    options: [
      ["pickup", "I pick it up"],
      ["courier", "By courier"],
    ],
    problem: required("Choose one of the two."),
  },
  {
    name: "address",
    label: "Address",
    kind: "text",
    autocomplete: "street-address",
    isAsked: ({ way }) => way === "courier",
    problem: required("Where shall the courier go?"),
  },
];

/** The steps with questions, in order. */
export const FORM_STEPS = [
  { name: "you", title: "You", fields: YOU },
  { name: "journey", title: "Your journey", fields: JOURNEY },
  { name: "suitcase", title: "The suitcase", fields: SUITCASE },
  { name: "return", title: "Its return", fields: RETURN },
] as const;
