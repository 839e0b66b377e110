import { StashError } from "../errors.ts";

/** The error for bytes that no release of this codec wrote. Never shows the bytes. */
export function unreadable(expected: string, cause?: unknown): StashError {
  return new StashError(
    "unreadable_record",
    `Cannot read a stash record: expected ${expected}, found something else. It was damaged, or ` +
      "written by another program or a newer release; it is ignored.",
    cause === undefined ? undefined : { cause },
  );
}
