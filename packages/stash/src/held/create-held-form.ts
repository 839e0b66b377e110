import type { StashAdapter } from "../adapter.ts";
import { keepAliveIntervalMs } from "../keep-alive-interval.ts";
import type { Secrets } from "../secrets.ts";
import type { HeldForm } from "./held-form.ts";
import { createReferenceForm } from "./reference-form.ts";
import { createStateForm } from "./state-form.ts";

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
