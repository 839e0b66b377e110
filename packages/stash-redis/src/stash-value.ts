import type { Owner } from "live-stash";

/**
 * Layout of a value: format (1 byte) · turn (9) · length of the owner (2) · owner · record. All but
 * the record is ASCII, so that scripts compare it as text and commands are written in few pieces.
 */
export type ValueFormat = "plain" | "sealed";

const FORMATS = { plain: "1", sealed: "2" } as const;
const TURN_CHARACTERS = 9;
const OWNER_LENGTH_AT = 1 + TURN_CHARACTERS;
const OWNER_AT = OWNER_LENGTH_AT + 2;

/** A turn in Redis: base 36, of equal length. */
export function turnText(turn: number): string {
  return turn.toString(36).padStart(TURN_CHARACTERS, "0");
}

/** An owner in Redis: its length first, so that none is the beginning of another. */
export function ownerText(owner: Owner): string {
  return (owner.length < 10 ? "0" : "") + owner.length + owner;
}

/** Writes a value; `record` is not kept. */
export function encodeValue(
  format: ValueFormat,
  turn: string,
  owner: string,
  record: Uint8Array,
): Buffer {
  const header = FORMATS[format] + turn + owner;
  const value = Buffer.allocUnsafe(header.length + record.length);
  value.write(header, "latin1");
  value.set(record, header.length);
  return value;
}

/** The record in a value; `undefined` if it is not of this format. */
export function decodeValue(format: ValueFormat, value: Buffer): Buffer | undefined {
  const ownerLength = Number(value.toString("latin1", OWNER_LENGTH_AT, OWNER_AT));
  const recordAt = OWNER_AT + ownerLength;
  const isOfFormat = value[0] === FORMATS[format].charCodeAt(0) && value.length >= recordAt;
  return isOfFormat ? value.subarray(recordAt) : undefined;
}
