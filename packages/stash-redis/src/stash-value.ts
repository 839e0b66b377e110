import type { Owner } from "live-stash/adapter";

/**
 * Layout of a value: format (1 byte) · length of the owner (2) · owner · turn (14) · record. All but
 * the record is ASCII, so that scripts compare it as text and commands are written in few pieces.
 */
export type ValueFormat = "plain" | "sealed";

const FORMATS = { plain: "1", sealed: "2" } as const;
const OWNER_LENGTH_AT = 1;
const OWNER_AT = 3;
const TURN_CHARACTERS = 14;

/** An owner in Redis: its length first, so that none is the beginning of another. */
export function ownerText(owner: Owner): string {
  return (owner.length < 10 ? "0" : "") + owner.length + owner;
}

/** A turn in Redis: digits, which compare as text in any locale, and always as many of them. */
export function turnText(turn: number): string {
  return String(turn).padStart(TURN_CHARACTERS, "0");
}

/** Writes a value; `record` is not kept. */
export function encodeValue(
  format: ValueFormat,
  owner: string,
  turn: string,
  record: Uint8Array,
): Buffer {
  const header = FORMATS[format] + owner + turn;
  const value = Buffer.allocUnsafe(header.length + record.length);
  value.write(header, "latin1");
  value.set(record, header.length);
  return value;
}

/** The record in a value; `undefined` if it is not of this format. */
export function decodeValue(format: ValueFormat, value: Buffer): Buffer | undefined {
  const ownerLength = Number(value.toString("latin1", OWNER_LENGTH_AT, OWNER_AT));
  const recordAt = OWNER_AT + ownerLength + TURN_CHARACTERS;
  const isOfFormat = value[0] === FORMATS[format].charCodeAt(0) && value.length >= recordAt;
  return isOfFormat ? value.subarray(recordAt) : undefined;
}
