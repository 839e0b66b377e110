import type { Sealer } from "live-stash/adapter";
import { unreadableValue } from "./redis-errors.ts";
import { decodeValue, encodeValue } from "./stash-value.ts";

/** Turns records into what Redis keeps, and back. */
export interface ValueCodec {
  encode(name: string, owner: string, turn: string, record: Uint8Array): Buffer;
  /** Rejects with `adapter_unavailable` what `encode` did not write, or not for this name. */
  decode(name: string, value: Buffer): Buffer;
}

const plain: ValueCodec = {
  encode: (_name, owner, turn, record) => encodeValue("plain", owner, turn, record),
  decode(_name, value) {
    const record = decodeValue("plain", value);
    if (record === undefined) throw unreadableValue("a stash that is not encrypted");
    return record;
  },
};

/** Values as they are, or with a sealer such that only this application writes and reads them. */
export function createValueCodec(sealer: Sealer | undefined): ValueCodec {
  if (sealer === undefined) return plain;
  return {
    encode: (name, owner, turn, record) =>
      encodeValue("sealed", owner, turn, sealer.seal(record, Buffer.from(name))),
    decode(name, value) {
      const sealed = decodeValue("sealed", value);
      const record = sealed === undefined ? undefined : sealer.open(sealed, Buffer.from(name));
      if (record === undefined) throw unreadableValue("a stash encrypted with one of its secrets");
      return record;
    },
  };
}
