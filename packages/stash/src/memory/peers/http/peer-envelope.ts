import { deriveKeys } from "../../../keys.ts";
import { type Sealer, SEAL_BYTES, sealerOf } from "../../../seal.ts";
import type { Secrets } from "../../../secrets.ts";
import { byteOf, nodeNameOf, uint32Of } from "../bytes-of.ts";
import type { NodeName } from "../peer-network.ts";
import {
  openInSession,
  sealInSession,
  SESSION_KEY_BYTES,
  SESSION_SEAL_BYTES,
  type SessionKey,
  sessionKeyOf,
} from "./session-key.ts";

/**
 * What goes over HTTP between peers.
 *
 * A hello is `1 · sealed(asker)`, and its answer `sealed(node · session · key)`, bound to that hello:
 * the answering node made up the session and its key. Requests of a session are numbered: `2 · session
 * · number · sealed(request)`, with the key, the direction and the number as nonce, bound to the node
 * and the session, and so is the answer, `sealed(1 · answer)` or `sealed(0)`. So nothing can be
 * replayed, to nobody and in no direction, and no clock is involved.
 */
export const HELLO = 1;
export const REQUEST = 2;

export const NAME_BYTES = 8;
export const SESSION_BYTES = 8;
const KEY_AT = NAME_BYTES + SESSION_BYTES;
export const HELLO_BYTES = 1 + SEAL_BYTES + NAME_BYTES;
/** Kind, session and number stand in clear. */
export const REQUEST_HEAD_BYTES = 1 + SESSION_BYTES + 4;
/** What is added to a request; less is added to an answer. */
export const REQUEST_OVERHEAD_BYTES = REQUEST_HEAD_BYTES + SESSION_SEAL_BYTES;

/** Names an answering node's memory of one asker, in base64url. */
export type SessionId = string;

/** What an answering node has told an asker. */
export interface OpenedSession {
  readonly node: NodeName;
  readonly session: SessionId;
  readonly key: SessionKey;
}

/** Which message something is, or answers. */
export interface MessagePlace extends OpenedSession {
  readonly number: number;
}

/**
 * Seals and opens what peers say: hellos with the secrets of the application, of which the newest
 * seals; the rest with the key of its session, which is there already when it is needed.
 */
export class PeerEnvelope {
  readonly #sealer: Sealer;

  constructor(secrets: Secrets) {
    this.#sealer = sealerOf(deriveKeys(secrets, "seal: memory peers"));
  }

  hello(asker: NodeName): Buffer {
    return Buffer.concat([byteOf(HELLO), this.#sealer.seal(nodeNameOf(asker), labelOf("hello"))]);
  }

  openHello(body: Uint8Array): NodeName | undefined {
    const opened = this.#sealer.open(body.subarray(1), labelOf("hello"));
    return opened?.length === NAME_BYTES ? opened.toString("base64url") : undefined;
  }

  helloAnswer(hello: Uint8Array, { node, session, key }: OpenedSession): Buffer {
    const bytes = Buffer.concat([
      nodeNameOf(node),
      Buffer.from(session, "base64url"),
      key.export(),
    ]);
    return this.#sealer.seal(bytes, labelOf("hello answer", hello));
  }

  openHelloAnswer(hello: Uint8Array, body: Uint8Array): OpenedSession | undefined {
    const opened = this.#sealer.open(body, labelOf("hello answer", hello));
    if (opened?.length !== KEY_AT + SESSION_KEY_BYTES) return undefined;
    return {
      node: opened.toString("base64url", 0, NAME_BYTES),
      session: opened.toString("base64url", NAME_BYTES, KEY_AT),
      key: sessionKeyOf(opened.subarray(KEY_AT)),
    };
  }
}

export function sealRequest(place: MessagePlace, request: Uint8Array): Buffer {
  return Buffer.concat([
    byteOf(REQUEST),
    Buffer.from(place.session, "base64url"),
    uint32Of(place.number),
    sealInSession(place.key, "request", place.number, sessionOf(place), request),
  ]);
}

export function openRequest(place: MessagePlace, body: Uint8Array): Buffer | undefined {
  const sealed = body.subarray(REQUEST_HEAD_BYTES);
  return openInSession(place.key, "request", place.number, sessionOf(place), sealed);
}

export function sealAnswer(place: MessagePlace, answer: Uint8Array | undefined): Buffer {
  const bytes = answer === undefined ? byteOf(0) : Buffer.concat([byteOf(1), answer]);
  return sealInSession(place.key, "answer", place.number, sessionOf(place), bytes);
}

/** `undefined`: it is not the answer of that node to that message. */
export function openAnswer(
  place: MessagePlace,
  body: Uint8Array,
): { readonly answer: Uint8Array | undefined } | undefined {
  const opened = openInSession(place.key, "answer", place.number, sessionOf(place), body);
  if (opened === undefined || opened.length === 0) return undefined;
  return { answer: opened[0] === 1 ? opened.subarray(1) : undefined };
}

const sessionOf = ({ node, session }: OpenedSession): Buffer =>
  Buffer.concat([nodeNameOf(node), Buffer.from(session, "base64url")]);

const labelOf = (label: string, bytes: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(`live-stash peers 2: ${label}\0`, "latin1"), bytes]);
