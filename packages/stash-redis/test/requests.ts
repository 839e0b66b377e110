import { randomBytes } from "node:crypto";
import type { KeepAliveRequest, LoadRequest, SaveRequest } from "live-stash";

export const RECORD = Buffer.from("a record, which no adapter can read");

export function newId(): string {
  return randomBytes(16).toString("base64url");
}

export function inMs(ms: number): number {
  return Date.now() + ms;
}

/** The first save of `id`. */
export function creation(id: string, more: Partial<SaveRequest> = {}): SaveRequest {
  return {
    id,
    owner: "0000000000one",
    record: RECORD,
    create: true,
    expiresAtMs: inMs(60_000),
    ...more,
  };
}

/** A load by `two`. */
export function loading(id: string, more: Partial<LoadRequest> = {}): LoadRequest {
  const carried = new Uint8Array(0);
  return { id, owner: "0000000000two", carried, expiresAtMs: inMs(60_000), ...more };
}

export function keeping(id: string, more: Partial<KeepAliveRequest> = {}): KeepAliveRequest {
  return { id, owner: "0000000000one", expiresAtMs: inMs(60_000), ...more };
}
