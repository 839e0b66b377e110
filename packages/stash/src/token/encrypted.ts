import { type PurposeKeys, KEY_ID_BYTES } from "../crypto/keys.ts";
import { SEAL_BYTES, sealerOf } from "../crypto/seal.ts";
import { decodeBase64url, maxBase64urlCharacters } from "../crypto/base64url.ts";
import { type Envelope, ID_BYTES } from "./envelope.ts";
import { scopeBytes } from "./scope.ts";

/** Layout: format (1 byte) · id (16) · what the adapter carries, sealed for the scope and the id. */
const FORMAT = 2;
const DOMAIN = "live-stash/encrypted state";
const SEALED_AT = 1 + ID_BYTES;

export interface EncryptedEnvelopeOptions {
  readonly keys: PurposeKeys;
  readonly maxCarriedBytes: number;
}

/** An envelope that nobody can read or change: another text each time. */
export function createEncryptedEnvelope(options: EncryptedEnvelopeOptions): Envelope {
  const { keys, maxCarriedBytes } = options;
  const maxBytes = SEALED_AT + maxCarriedBytes + SEAL_BYTES;
  const sealer = sealerOf(keys);

  return {
    maxCharacters: maxBase64urlCharacters(maxBytes),
    close(scope, { id, carried }) {
      const sealed = sealer.seal(carried, scopeBytes(DOMAIN, scope, id));
      const idBytes = Buffer.from(id, "base64url");
      return Buffer.concat([Buffer.of(FORMAT), idBytes, sealed]).toString("base64url");
    },
    open(scope, text) {
      const bytes = decodeBase64url(text, maxBytes);
      if (bytes === undefined || bytes[0] !== FORMAT) return undefined;
      const id = bytes.toString("base64url", 1, SEALED_AT);
      const sealed = bytes.subarray(SEALED_AT);
      const carried = sealer.open(sealed, scopeBytes(DOMAIN, scope, id));
      if (carried === undefined) return undefined;
      const isNewest = keys[0].keyId.equals(sealed.subarray(0, KEY_ID_BYTES));
      return { reference: { id, carried }, isNewest };
    },
  };
}
