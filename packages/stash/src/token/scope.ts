import { lengthPrefixed } from "../crypto/length-prefixed.ts";

/** What a string that a browser holds is valid for; anything else makes it invalid. */
export interface HeldScope {
  readonly adapter: string;
  readonly view: string;
  /** What binds it to the browser's session (see `sessionBinding`). */
  readonly binding: string;
}

/** A scope, and what else belongs to it, as the bytes that a MAC or a cipher is bound to. */
export function scopeBytes(domain: string, scope: HeldScope, ...rest: readonly string[]): Buffer {
  return lengthPrefixed([domain, scope.adapter, scope.view, scope.binding, ...rest]);
}
