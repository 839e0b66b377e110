import type { OpenedEnvelope, Reference } from "./envelope.ts";
import type { HeldScope } from "./scope.ts";

/** A new string for a browser, and how to recognise it without keeping it. */
export interface MintedString {
  readonly held: string;
  readonly mark: string;
}

/** What a string that a browser presented turned out to be. */
export type OpenedString =
  /** Genuine, for this scope, and not expired. */
  | ({ readonly status: "valid"; readonly mark: string } & OpenedEnvelope)
  /** Genuine, but its deadline has passed. */
  | { readonly status: "expired" }
  /** Genuine, but of a time that has not come: the clocks of the servers, or this one's, are off. */
  | { readonly status: "ahead" }
  /** Not made for this scope with one of the secrets. */
  | { readonly status: "rejected" };

/** How the strings for one adapter are written and read: as references, or as sealed states. */
export interface HeldForm {
  /** Browsers hold the state itself, and nobody else does. */
  readonly holdsState: boolean;
  /** Writes a string with the newest secret. */
  mint(scope: HeldScope, reference: Reference, expiresAtMs: number): MintedString;
  /**
   * Reads what a browser presented, of which nothing is trusted. No I/O. Without `nowMs` no deadline
   * counts.
   */
  open(scope: HeldScope, presented: unknown, nowMs: number | undefined): OpenedString;
  /** The mark of a string; `undefined` if it can have none. */
  markOf(presented: unknown): string | undefined;
  /** What takes the place of all behind the string's last `~`; `undefined` if it needs no renewal. */
  renewal(scope: HeldScope, mark: string, expiresAtMs: number): string | undefined;
}
