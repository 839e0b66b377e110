import { deriveKeys } from "../crypto/keys.ts";
import type { Secrets } from "../crypto/secrets.ts";
import type { HeldForm } from "./token.ts";
import { createSignedEnvelope } from "./signed.ts";

const FORMAT = 1;
/** How much an adapter may put into a reference, in bytes. */
const MAX_CARRIED_BYTES = 512;

/**
 * Signed references to what the adapter's store has. They have no deadline, as the store knows it,
 * and are the same each time, so that each is its own mark.
 */
export function createReferenceForm(secrets: Secrets): HeldForm {
  const envelope = createSignedEnvelope({
    keys: deriveKeys(secrets, "reference mac"),
    format: FORMAT,
    domain: "live-stash/reference",
    maxCarriedBytes: MAX_CARRIED_BYTES,
  });
  const markOf = (presented: unknown): string | undefined =>
    typeof presented === "string" ? presented : undefined;

  return {
    holdsState: false,
    mint(scope, reference) {
      const held = envelope.close(scope, reference);
      return { held, mark: held };
    },
    open(scope, presented) {
      const mark = markOf(presented);
      const opened = mark === undefined ? undefined : envelope.open(scope, mark);
      if (mark === undefined || opened === undefined) return { status: "rejected" };
      return { status: "valid", mark, ...opened };
    },
    markOf,
    renewal: () => undefined,
  };
}
