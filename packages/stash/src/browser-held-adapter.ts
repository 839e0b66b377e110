import type { AdapterCapabilities, MaybePromise, StashAdapter } from "./store/adapter.ts";
import { StashError } from "./errors.ts";
import { type BrowserHeldAdapterOptions, parseBrowserHeldOptions } from "./browser-held-options.ts";

const NAME = "browser_held";

/**
 * Has browsers hold the states themselves, sealed: no store, any number of servers, and stashes
 * survive all of them as long as the secret does. Each changed stash crosses the wire as a whole.
 *
 * Nothing is kept here: sealing, binding and deadlines are the core's, in the string. So what only a
 * store could know is not known: an older string of the same view and session is as good as the
 * newest while its lease lasts, and `forget` is the browser's.
 *
 * Throws a `StashError` with `invalid_option`.
 */
export function createBrowserHeldAdapter(options: BrowserHeldAdapterOptions): StashAdapter {
  const { securityMode, maxBytes } = parseBrowserHeldOptions(options);
  const capabilities: AdapterCapabilities = {
    sharedAcrossNodes: true,
    survivesRestart: true,
    browserHolds: securityMode === "encrypt" ? "state" : "readable_state",
    needsKeepAlive: true,
    maxBytes,
  };
  let isClosed = false;

  const use = <Outcome>(outcome: () => Outcome): MaybePromise<Outcome> =>
    isClosed ? Promise.reject(closed()) : outcome();

  return {
    name: NAME,
    capabilities,
    save: ({ record }) =>
      use(() =>
        record.length > maxBytes
          ? { status: "full" }
          : { status: "saved", carried: new Uint8Array(record) },
      ),
    load: ({ carried }) => use(() => ({ status: "loaded", record: new Uint8Array(carried) })),
    keepAlive: (requests) => use(() => requests.map(() => "kept" as const)),
    forget: () => use(() => "forgotten" as const),
    close() {
      isClosed = true;
    },
  };
}

function closed(): StashError {
  return new StashError(
    "adapter_closed",
    `The stash adapter "${NAME}" was called: expected it open, found it closed. Close it only ` +
      "after the server has stopped.",
  );
}
