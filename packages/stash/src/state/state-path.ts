/** One step from a value to what it holds: a key, an index, or a ready-made text for `Map` and `Set`. */
export type PathStep = string | number | { readonly text: string };

const MAX_SHOWN_STEPS = 12;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Writes a path as a developer would: `cart.items[3].onClick`, `tags.values[2]`. */
export function formatPath(steps: readonly PathStep[]): string {
  let path = "";
  for (const step of steps.slice(0, MAX_SHOWN_STEPS)) {
    if (typeof step === "object") path += step.text;
    else if (typeof step === "number") path += `[${step}]`;
    else if (!IDENTIFIER.test(step)) path += `[${JSON.stringify(step)}]`;
    else path += path === "" ? step : `.${step}`;
  }
  return steps.length > MAX_SHOWN_STEPS ? `${path}…` : path;
}
