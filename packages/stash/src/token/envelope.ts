import type { StashId } from "../store/adapter.ts";
import type { HeldScope } from "./scope.ts";

/** What is in an envelope. */
export interface Reference {
  readonly id: StashId;
  /** What the adapter wants back with the id. */
  readonly carried: Uint8Array;
}

/** What was in an envelope. */
export interface OpenedEnvelope {
  readonly reference: Reference;
  /** It was made with the newest secret. */
  readonly isNewest: boolean;
}

/** Puts a reference into a text that only this application can write, for one scope. */
export interface Envelope {
  /** The longest text that `open` looks at. */
  readonly maxCharacters: number;
  /** Writes a text, in base64url, with the newest secret. Its end authenticates all of it. */
  close(scope: HeldScope, reference: Reference): string;
  /** Reads a text of which nothing is trusted; `undefined` if it was not written for this scope. */
  open(scope: HeldScope, text: string): OpenedEnvelope | undefined;
}

/** An id as it stands in an envelope. */
export const ID_BYTES = 16;
