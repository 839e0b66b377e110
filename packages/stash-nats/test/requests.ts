import { randomBytes } from "node:crypto";
import type { KeepAliveRequest, LoadRequest, SaveRequest } from "live-stash";

export const RECORD = Buffer.from("a record, which no adapter can read");
export const ONE = "0000000000one";
export const TWO = "0000000000two";

export function newId(): string {
  return randomBytes(16).toString("base64url");
}

/** The first save of `id`. */
export function creation(id: string, more: Partial<SaveRequest> = {}): SaveRequest {
  const expiresAtMs = Date.now() + 60_000;
  return { id, owner: ONE, record: RECORD, create: true, expiresAtMs, ...more };
}

/** A load by `TWO`. */
export function loading(id: string, more: Partial<LoadRequest> = {}): LoadRequest {
  const carried = new Uint8Array(0);
  return { id, owner: TWO, carried, expiresAtMs: Date.now() + 60_000, ...more };
}

export function keeping(id: string, more: Partial<KeepAliveRequest> = {}): KeepAliveRequest {
  return { id, owner: ONE, expiresAtMs: Date.now() + 60_000, ...more };
}
