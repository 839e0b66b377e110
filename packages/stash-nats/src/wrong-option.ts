import { StashError } from "live-stash";

/** The error for an option that is wrong. What was found is described, never shown: it may be secret. */
export function wrongOption(
  of: string,
  option: string,
  expected: string,
  found: string,
  advice = "Correct it, or leave it out for the default.",
): StashError {
  return new StashError(
    "invalid_option",
    `${of}() was called with a wrong \`${option}\`: expected ${expected}, found ${found}. ${advice}`,
  );
}
