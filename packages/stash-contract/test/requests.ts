import { randomBytes } from "node:crypto";
import type { KeepAliveRequest, LoadRequest, SaveRequest } from "live-stash/adapter";

/** Requests to an adapter, for the tests of adapters that are not the contract. */
export const RECORD = Buffer.from("a record that no adapter can read");
export const ONE = "0000000000one";
export const TWO = "0000000000two";

export function newId(): string {
  return randomBytes(16).toString("base64url");
}

export function inMs(ms: number): number {
  return Date.now() + ms;
}

/** Returns the first save of `id`, by `ONE`. */
export function creation(id: string, more: Partial<SaveRequest> = {}): SaveRequest {
  return { id, owner: ONE, record: RECORD, create: true, expiresAtMs: inMs(60_000), ...more };
}

/** Returns a load by `TWO`. */
export function loading(id: string, more: Partial<LoadRequest> = {}): LoadRequest {
  const adapterData = new Uint8Array(0);
  return { id, owner: TWO, adapterData, expiresAtMs: inMs(60_000), ...more };
}

export function keeping(id: string, more: Partial<KeepAliveRequest> = {}): KeepAliveRequest {
  return { id, owner: ONE, expiresAtMs: inMs(60_000), ...more };
}
