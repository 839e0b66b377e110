import { hash } from "node:crypto";
import type { Owner } from "live-stash";

/**
 * Layout of a value: format (1 byte) · owner (12) · turn (9) · record. All but the record is ASCII,
 * so that scripts compare it as text and commands with it are written in one piece.
 */
export type ValueFormat = "plain" | "sealed";

const FORMATS = { plain: "1", sealed: "2" } as const;
const OWNER_CHARACTERS = 12;
const TURN_CHARACTERS = 9;
const RECORD_AT = 1 + OWNER_CHARACTERS + TURN_CHARACTERS;

/** An owner in Redis: 72 bits of SHA-256 of its name, which is of any length. */
export function ownerTag(owner: Owner): string {
  return hash("sha256", owner, "base64url").slice(0, OWNER_CHARACTERS);
}

/** A turn in Redis: base 36, of equal length. */
export function turnText(turn: number): string {
  return turn.toString(36).padStart(TURN_CHARACTERS, "0");
}

/** Writes a value; `record` is not kept. */
export function encodeValue(
  format: ValueFormat,
  owner: string,
  turn: string,
  record: Uint8Array,
): Buffer {
  const value = Buffer.allocUnsafe(RECORD_AT + record.length);
  value.write(FORMATS[format] + owner + turn, "latin1");
  value.set(record, RECORD_AT);
  return value;
}

/** The record in a value; `undefined` if it is not of this format. */
export function decodeValue(format: ValueFormat, value: Uint8Array): Uint8Array | undefined {
  const isOfFormat = value.length >= RECORD_AT && value[0] === FORMATS[format].charCodeAt(0);
  return isOfFormat ? value.subarray(RECORD_AT) : undefined;
}
