import type {
  LateRecoverResult,
  RecoverErrorReason,
  RecoverResult,
  ResetResult,
  StashResult,
} from "live-stash";
import { formatDuration } from "./format.ts";

/** A headline and a sentence. */
export interface Words {
  readonly title: string;
  readonly detail: string;
}

const ERROR_REASONS: Record<RecoverErrorReason, string> = {
  reference_rejected: "The browser's token was not issued to this page in this session.",
  version_mismatch: "It was saved by another version of this page.",
  unreadable: "The stored bytes could not be read.",
  schema_rejected: "The stored state does not match the schema.",
  migration_failed: "The stored state could not be migrated to this version.",
  adapter_failed: "The store returned an invalid answer.",
  set_aside: "The page crashed repeatedly with its state, so it continues without.",
};

type MissingReason = Extract<RecoverResult, { status: "not_found" }>["reason"];

const MISSING_REASONS: Record<MissingReason, string> = {
  nothing_held: "The page came back, but its browser held nothing.",
  absent:
    "The page came back, but it has no stash: nothing was stashed yet, or it is gone, expired or lost " +
    "with the memory of a server that was restarted.",
  superseded: "A later view of this page was there first, and has the stash.",
};

/** Describes how a view got its state. */
export function recoveryWords(recovery: RecoverResult | LateRecoverResult): Words {
  switch (recovery.status) {
    case "new":
      return { title: "A new page", detail: "There was nothing to bring back." };
    case "recovered":
      return {
        title: "Recovered",
        detail: `The side with LiveStash is back as it was saved ${formatDuration(recovery.ageMs)} before.`,
      };
    case "not_found":
      return {
        title: "Not found",
        detail: MISSING_REASONS[recovery.reason],
      };
    case "pending":
      return {
        title: "Not yet",
        detail: "The store does not answer. What was stashed is kept, and is asked for again.",
      };
    case "replaced":
      return {
        title: "Replaced",
        detail: "This page has changed before its earlier state was found, and was saved instead.",
      };
    case "kept_aside":
      return {
        title: "Kept aside",
        detail:
          "The earlier state is here, but this page has changed since. Nothing is saved until you decide.",
      };
    case "error":
      return { title: "Not usable", detail: ERROR_REASONS[recovery.reason] };
  }
}

/** Describes, for the log, a form event that the client sent by itself: see `_recovered` in docs/stash.md. */
export function resentFormWords(recovered: unknown): string {
  return recovered === "edited"
    ? "Sent again by the client: what was typed offline"
    : "Sent again by the client: what the form shows";
}

/** Describes the result of a `stash()`, for the log. */
export function stashWords(result: StashResult): string {
  switch (result.status) {
    case "saved":
      return `Saved ${result.bytes} bytes`;
    case "unchanged":
      return "Nothing to save: unchanged";
    case "superseded":
      return "Not saved: another view owns the stash";
    case "skipped":
      return "Not saved: not connected yet";
    case "error":
      return `Not saved: ${result.error.code}`;
  }
}

/** Describes the result of a `resetStash()`, for the log. */
export function resetWords(result: ResetResult): string {
  switch (result.status) {
    case "reset":
      return "Stash forgotten";
    case "nothing":
      return "There was no stash to forget";
    case "superseded":
      return "Not forgotten: another view owns the stash";
    case "error":
      return `Not forgotten: ${result.error.code}`;
  }
}
