import { deriveKeys } from "../../crypto/keys.ts";
import { type Sealer, sealerOf } from "../../crypto/seal.ts";
import type { Secrets } from "../../crypto/secrets.ts";
import { nodeNameOf } from "../messages.ts";
import type { NodeName } from "../peer-network.ts";
import { NOTHING } from "./peer-protocol.ts";
import { SESSION_KEY_BYTES, type SessionKey, sessionKeyOf } from "./session-key.ts";

const NAME_BYTES = 8;

/** What the asked node says of itself, and the key of everything that goes over this connection. */
export interface PeerSession {
  readonly node: NodeName;
  readonly key: SessionKey;
}

/**
 * What peers say when a connection begins: `sealed(asker)`, and `sealed(node · key)`, bound to that
 * hello. Both are sealed under a key from the application's secret, so only a peer can read the key of
 * the connection. The answering node makes it up, so whoever sends an old hello again gets nowhere.
 */
export class PeerHellos {
  readonly #sealer: Sealer;

  /** The newest secret seals, all of them open. */
  constructor(secrets: Secrets) {
    this.#sealer = sealerOf(deriveKeys(secrets, "seal: memory peers"));
  }

  hello(asker: NodeName): Buffer {
    return this.#sealer.seal(nodeNameOf(asker), labelOf("hello"));
  }

  openHello(hello: Uint8Array): NodeName | undefined {
    const opened = this.#sealer.open(hello, labelOf("hello"));
    return opened?.length === NAME_BYTES ? opened.toString("base64url") : undefined;
  }

  answer(hello: Uint8Array, { node, key }: PeerSession): Buffer {
    const bytes = Buffer.concat([nodeNameOf(node), key.export()]);
    return this.#sealer.seal(bytes, labelOf("hello answer", hello));
  }

  openAnswer(hello: Uint8Array, answer: Uint8Array): PeerSession | undefined {
    const opened = this.#sealer.open(answer, labelOf("hello answer", hello));
    if (opened?.length !== NAME_BYTES + SESSION_KEY_BYTES) return undefined;
    return {
      node: opened.toString("base64url", 0, NAME_BYTES),
      key: sessionKeyOf(opened.subarray(NAME_BYTES)),
    };
  }
}

const labelOf = (label: string, bytes: Uint8Array = NOTHING): Buffer =>
  Buffer.concat([Buffer.from(`live-stash peers 3: ${label}\0`, "latin1"), bytes]);
