import { hash } from "node:crypto";
import { ORDER_CHARACTERS, type Owner } from "live-stash";

const ORDER_BYTES = 7;
const NAME_BYTES = 9;

/** How long an `OwnerKey` is. */
export const OWNER_KEY_BYTES = ORDER_BYTES + NAME_BYTES;

/**
 * An owner on the servers, in 16 bytes instead of about 30, as every message that names one is copied
 * several times: its order as a number, and 72 bits of SHA-256 of the whole name. One character for
 * each byte.
 */
export type OwnerKey = string;

export function ownerKey(owner: Owner): OwnerKey {
  const key = Buffer.alloc(OWNER_KEY_BYTES);
  // 36^10 is less than 2^53.
  const order = Number.parseInt(owner.slice(0, ORDER_CHARACTERS), 36);
  key.writeUInt8(Math.floor(order / 2 ** 48), 0);
  key.writeUIntBE(order % 2 ** 48, 1, 6);
  hash("sha256", owner, "buffer").copy(key, ORDER_BYTES, 0, NAME_BYTES);
  return key.toString("latin1");
}

/** Whether the owner is of an earlier order than the other, as `isEarlierOwner` of names. */
export function isEarlierKey(owner: OwnerKey, other: OwnerKey): boolean {
  return owner.slice(0, ORDER_BYTES) < other.slice(0, ORDER_BYTES);
}
