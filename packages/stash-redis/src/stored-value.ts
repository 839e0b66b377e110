import { hash } from "node:crypto";
import type { Clock, Owner, Sealer, StashId } from "live-stash/adapter";
import { unreadableValue } from "./redis-errors.ts";

const NAME_CHARACTERS = 22;

/**
 * Returns the name of a stash in Redis, without prefix: 132 bits of the SHA-256 of its id. Names in a
 * store therefore do not disclose the ids that browsers' tokens contain.
 */
export function stashName(id: StashId): string {
  return hash("sha256", id, "base64url").slice(0, NAME_CHARACTERS);
}

/**
 * Layout of a value: format (1 byte), length of the owner (2), owner, write number (14), record. All but
 * the record is ASCII, so that scripts compare text, and a command consists of few buffers.
 */
type ValueFormat = "plain" | "sealed";

const FORMATS = { plain: "1", sealed: "2" } as const;
const OWNER_LENGTH_AT = 1;
const OWNER_AT = 3;
const WRITE_NUMBER_CHARACTERS = 14;

/** Returns an owner as scripts compare it: its length first, so that none is the prefix of another. */
export function ownerText(owner: Owner): string {
  return (owner.length < 10 ? "0" : "") + owner.length + owner;
}

/**
 * Creates the numbers of an owner's writes, each greater than the last. A command whose call has timed
 * out may still reach Redis, over another connection and after a later one: its number shows that.
 *
 * The numbers follow the clock, so that another adapter that writes for the same owner continues them.
 */
export function createWriteNumbers(clock: Clock): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock.now());
    return last;
  };
}

/** Returns a write number as digits of fixed length, which compare as text in any locale. */
export function writeNumberText(writeNumber: number): string {
  return String(writeNumber).padStart(WRITE_NUMBER_CHARACTERS, "0");
}

/** 142,000 years: later than any deadline, and small enough for exact sums in Lua and Redis. */
const MAX_DEADLINE_MS = 2 ** 52;

/** Returns a deadline as an argument of a script. */
export function deadlineText(expiresAtMs: number): string {
  return String(Math.max(Math.min(Math.floor(expiresAtMs), MAX_DEADLINE_MS), 0));
}

/** Encodes records as values in Redis, and decodes them. */
export interface ValueCodec {
  /** Copies `record` into a value. */
  encode(name: string, owner: string, writeNumber: string, record: Uint8Array): Buffer;
  /** Throws `adapter_unavailable` if `encode` did not write the value for this name. */
  decode(name: string, value: Buffer): Buffer;
}

/** Creates the codec. With a sealer, only this application reads and writes values. */
export function createValueCodec(sealer: Sealer | undefined): ValueCodec {
  const format = sealer === undefined ? "plain" : "sealed";
  const expected =
    sealer === undefined
      ? "a stash that is not encrypted"
      : "a stash encrypted with one of its secrets";
  return {
    encode(name, owner, writeNumber, record) {
      const content = sealer === undefined ? record : sealer.seal(record, Buffer.from(name));
      return encodeValue(format, owner, writeNumber, content);
    },
    decode(name, value) {
      const content = decodeValue(format, value);
      const record =
        content === undefined || sealer === undefined
          ? content
          : sealer.open(content, Buffer.from(name));
      if (record === undefined) throw unreadableValue(expected);
      return record;
    },
  };
}

/** Returns a value with a copy of `content`. */
export function encodeValue(
  format: ValueFormat,
  owner: string,
  writeNumber: string,
  content: Uint8Array,
): Buffer {
  const header = FORMATS[format] + owner + writeNumber;
  const value = Buffer.allocUnsafe(header.length + content.length);
  value.write(header, "latin1");
  value.set(content, header.length);
  return value;
}

/** Returns the content of a value; `undefined` if the value has another format. */
export function decodeValue(format: ValueFormat, value: Buffer): Buffer | undefined {
  const ownerLength = Number(value.toString("latin1", OWNER_LENGTH_AT, OWNER_AT));
  const contentAt = OWNER_AT + ownerLength + WRITE_NUMBER_CHARACTERS;
  const isOfFormat = value[0] === FORMATS[format].charCodeAt(0) && value.length >= contentAt;
  return isOfFormat ? value.subarray(contentAt) : undefined;
}
