/** Class names, or conditions for them. */
export type ClassInput =
  | string
  | false
  | null
  | undefined
  | Readonly<Record<string, boolean | null | undefined>>
  | readonly ClassInput[];

/** Joins class names, leaving out what is off: `classes("button", big && "big", { active })`. */
export function classes(...inputs: readonly ClassInput[]): string {
  const names: string[] = [];
  for (const input of inputs) {
    if (!input) continue;
    if (typeof input === "string") names.push(input);
    else if (isList(input)) names.push(classes(...input));
    else for (const [name, isOn] of Object.entries(input)) if (isOn === true) names.push(name);
  }
  return names.filter((name) => name !== "").join(" ");
}

const isList = (input: object): input is readonly ClassInput[] => Array.isArray(input);
