import type { StashAdapter } from "../store/adapter.ts";
import { keepAliveIntervalMs } from "../keep-alive-interval.ts";
import type { Secrets } from "../crypto/secrets.ts";
import type { HeldForm } from "./token.ts";
import { createReferenceForm } from "./reference-token.ts";
import { createStateForm } from "./state-token.ts";

/** The form of the strings that browsers hold for an adapter. */
export function createHeldForm(secrets: Secrets, adapter: StashAdapter, ttlMs: number): HeldForm {
  const { browserHolds, maxBytes } = adapter.capabilities;
  if (browserHolds === "reference") return createReferenceForm(secrets);
  return createStateForm(secrets, {
    isEncrypted: browserHolds === "state",
    maxRecordBytes: maxBytes,
    maxLeaseMs: ttlMs + keepAliveIntervalMs(ttlMs),
  });
}
