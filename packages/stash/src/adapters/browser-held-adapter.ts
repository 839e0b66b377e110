import type { AdapterCapabilities, MaybePromise, StashAdapter } from "../store/adapter.ts";
import { StashError } from "../errors.ts";
import { checkOptions, type OptionTable } from "../option-checks.ts";

/** The protection of states in the browser. */
export type SecurityMode = "encrypt" | "sign";

/** The protection of the states that browsers hold, and their largest size. */
export interface BrowserHeldAdapterOptions {
  /**
   * `encrypt` (AES-256-GCM): nobody can read the state, not even the user. `sign` (HMAC-SHA-256): the
   * user can read the state, but nobody can change it; tokens are 16 characters shorter. No default.
   */
  readonly securityMode: SecurityMode;
  /**
   * The largest record, in bytes after compression. Default 262,144, at most 1,048,576, because a
   * token is a third longer than its record and is part of each join, and the tokens of one LiveView
   * socket share a limit of 8 MiB.
   */
  readonly maxBytes?: number;
}

const NAME = "browser_held";

const TABLE = {
  securityMode: {
    kind: "choice",
    choices: ["encrypt", "sign"],
    isRequired: true,
    advice: 'Choose "encrypt" unless users may read what is stored about them.',
  },
  maxBytes: { kind: "number", default: 262_144, most: 1_048_576 },
} as const satisfies OptionTable<BrowserHeldAdapterOptions>;

/**
 * Creates an adapter that stores each state in its browser, inside the token: there is no store, any
 * number of servers work together, and a stash survives a restart of all of them as long as the secret
 * is the same. The server sends the whole token after each change of the state.
 *
 * The adapter itself keeps nothing: the core encrypts or signs the token, binds it to its scope and
 * checks its expiry. Two promises of a store are therefore missing: until it expires, an older token of
 * the same view and session is as good as the newest one, and only the browser can forget a stash.
 *
 * Throws a `StashError` with `invalid_option`.
 */
export function createBrowserHeldAdapter(options: BrowserHeldAdapterOptions): StashAdapter {
  const { securityMode, maxBytes } = checkOptions("createBrowserHeldAdapter", options, TABLE);
  const capabilities: AdapterCapabilities = {
    sharedAcrossNodes: true,
    survivesRestart: true,
    browserHolds: securityMode === "encrypt" ? "state" : "readable_state",
    needsKeepAlive: true,
    maxBytes,
  };
  let isClosed = false;

  const unlessClosed = <Outcome>(outcome: () => Outcome): MaybePromise<Outcome> =>
    isClosed ? Promise.reject(closed()) : outcome();

  return {
    name: NAME,
    capabilities,
    save: ({ record }) =>
      unlessClosed(() =>
        record.length > maxBytes
          ? { status: "full" }
          : { status: "saved", adapterData: new Uint8Array(record) },
      ),
    load: ({ adapterData }) =>
      unlessClosed(() => ({ status: "loaded", record: new Uint8Array(adapterData) })),
    keepAlive: (requests) => unlessClosed(() => requests.map(() => "kept" as const)),
    forget: () => unlessClosed(() => "forgotten" as const),
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
