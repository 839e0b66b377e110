import { isUtf8 } from "node:buffer";
import { type BrotliOptions, brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { StateText } from "./state-text.ts";
import { unreadable } from "../errors.ts";

/** The application's number or name for the shape of its state. */
export type StateVersion = string | number;

/** The contents of a record. */
export interface StashRecord extends StateText {
  readonly savedAtMs: number;
  readonly version: StateVersion | undefined;
}

/** The contents of a record without the state. */
export type RecordHeader = Omit<StashRecord, "text">;

/**
 * Layout of a record, integers big endian:
 * format (1 byte) · flags (1) · savedAtMs (6) · [length of the version (2) · version as JSON] · text.
 */
const FORMAT = 1;
const FLAG_COMPRESSED = 1;
const FLAG_TABLE = 2;
const FLAG_VERSION = 4;
const KNOWN_FLAGS = FLAG_COMPRESSED | FLAG_TABLE | FLAG_VERSION;
const FIXED_BYTES = 8;

/** The smallest text that is compressed, because shorter ones rarely become smaller. */
const MIN_COMPRESSED_BYTES = 128;

/**
 * Quality 1 would save 4 µs for a state of 5 KB, but store a quarter more. The window need not be larger
 * than the text; 16 bits keep the encoder's memory small and lose nothing up to 64 KiB.
 */
const QUALITY = 2;
const MIN_WINDOW_BITS = 16;
const MAX_WINDOW_BITS = 22;
/** Small enough for the buffer pool of Node.js; larger outputs take several chunks. */
const OUTPUT_CHUNK_BYTES = 2_048;

const compressionWith = (windowBits: number): BrotliOptions => ({
  chunkSize: OUTPUT_CHUNK_BYTES,
  params: {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: windowBits,
  },
});

/** The options for nearly all states, created once. */
const SMALL_TEXT = compressionWith(MIN_WINDOW_BITS);

/** Encodes a record as a copy of `text`, the state text as UTF-8. */
export function encodeRecord(header: RecordHeader, text: Uint8Array): Uint8Array {
  const compressed = text.length < MIN_COMPRESSED_BYTES ? undefined : compress(text);
  const isCompressed = compressed !== undefined && compressed.length < text.length;
  const payload = isCompressed ? compressed : text;
  const version = header.version === undefined ? undefined : JSON.stringify(header.version);
  const versionBytes = version === undefined ? 0 : 2 + Buffer.byteLength(version);
  const record = Buffer.allocUnsafe(FIXED_BYTES + versionBytes + payload.length);
  record[0] = FORMAT;
  record[1] =
    (isCompressed ? FLAG_COMPRESSED : 0) |
    (header.form === "table" ? FLAG_TABLE : 0) |
    (version === undefined ? 0 : FLAG_VERSION);
  record.writeUIntBE(header.savedAtMs, 2, 6);
  if (version !== undefined) {
    record.writeUInt16BE(versionBytes - 2, FIXED_BYTES);
    record.write(version, FIXED_BYTES + 2);
  }
  record.set(payload, FIXED_BYTES + versionBytes);
  return record;
}

/**
 * Decodes a record whose text takes at most `maxTextBytes`.
 * Throws `unreadable_record` for bytes that `encodeRecord` did not write.
 */
export function decodeRecord(bytes: Uint8Array, maxTextBytes: number): StashRecord {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = record[1] ?? 0;
  if (record.length < FIXED_BYTES || record[0] !== FORMAT || (flags & ~KNOWN_FLAGS) !== 0) {
    throw unreadable(`a record of format ${FORMAT}`);
  }
  const hasVersion = (flags & FLAG_VERSION) !== 0;
  const versionBytes = hasVersion ? 2 + readVersionLength(record) : 0;
  const payload = record.subarray(FIXED_BYTES + versionBytes);
  const text = (flags & FLAG_COMPRESSED) !== 0 ? decompress(payload, maxTextBytes) : payload;
  if (text.length > maxTextBytes) throw unreadable(`text of at most ${maxTextBytes} bytes`);
  if (!isUtf8(text)) throw unreadable("text as UTF-8");
  return {
    form: (flags & FLAG_TABLE) !== 0 ? "table" : "json",
    text: text.toString("utf8"),
    savedAtMs: record.readUIntBE(2, 6),
    version: hasVersion
      ? parseVersion(record.toString("utf8", FIXED_BYTES + 2, FIXED_BYTES + versionBytes))
      : undefined,
  };
}

function readVersionLength(record: Buffer): number {
  const length = record.length < FIXED_BYTES + 2 ? Infinity : record.readUInt16BE(FIXED_BYTES);
  if (FIXED_BYTES + 2 + length > record.length) throw unreadable("a whole header");
  return length;
}

function parseVersion(json: string): StateVersion {
  try {
    const version: unknown = JSON.parse(json);
    if (typeof version === "string" || typeof version === "number") return version;
  } catch {
    // Falls through, because the syntax error would quote untrusted bytes.
  }
  throw unreadable("a version");
}

function compress(text: Uint8Array): Uint8Array {
  const bits = Math.min(Math.ceil(Math.log2(text.length)), MAX_WINDOW_BITS);
  return brotliCompressSync(text, bits <= MIN_WINDOW_BITS ? SMALL_TEXT : compressionWith(bits));
}

function decompress(payload: Uint8Array, maxOutputLength: number): Buffer {
  try {
    return brotliDecompressSync(payload, { maxOutputLength });
  } catch (cause) {
    throw unreadable(`text of at most ${maxOutputLength} bytes, compressed`, cause);
  }
}
