import type { ReferenceScope } from "./reference.ts";
import { sessionBinding } from "./session-binding.ts";
import type { StashedView } from "./stashed-view.ts";

/** How much an adapter may put into a reference, in bytes. */
const MAX_CARRIED_BYTES = 512;

/** What the references of a view are valid for. Rejects with `invalid_option` (see there). */
export function referenceScope({ host, settings }: StashedView): ReferenceScope {
  return {
    adapter: settings.adapter.name,
    view: host.view.name,
    binding: sessionBinding(host.session, settings.sessionKey),
  };
}

/** The most that a presented reference may carry: checked before any of it is decoded. */
export function maxCarriedBytes({ settings }: StashedView): number {
  const { browserHolds, maxBytes } = settings.adapter.capabilities;
  return browserHolds === "state" ? maxBytes : MAX_CARRIED_BYTES;
}
