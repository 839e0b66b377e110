import { deriveKeys } from "../../../keys.ts";
import { type Sealer, SEAL_BYTES, sealerOf } from "../../../seal.ts";
import type { Secrets } from "../../../secrets.ts";
import { byteOf, nodeNameOf, uint32Of } from "../bytes-of.ts";
import type { NodeName } from "../peer-network.ts";

/**
 * What goes over HTTP between peers.
 *
 * A hello is `1 · sealed(asker)`, and its answer `sealed(node · session)`, bound to that hello. With
 * the session, which the answering node made up, requests are numbered: `2 · session · number ·
 * sealed(request)`, bound to the node, the session and the number, and so is the answer,
 * `sealed(1 · answer)` or `sealed(0)`. So nothing can be replayed, to nobody and in no direction, and
 * no clock is involved.
 */
export const HELLO = 1;
export const REQUEST = 2;

export const NAME_BYTES = 8;
export const SESSION_BYTES = 8;
export const HELLO_BYTES = 1 + SEAL_BYTES + NAME_BYTES;
/** Kind, session and number stand in clear. */
export const REQUEST_HEAD_BYTES = 1 + SESSION_BYTES + 4;
/** What is added to a request. */
export const REQUEST_OVERHEAD_BYTES = REQUEST_HEAD_BYTES + SEAL_BYTES;

/** Names an answering node's memory of one asker, in base64url. */
export type SessionId = string;

/** Which message something is, or answers. */
export interface MessagePlace {
  readonly node: NodeName;
  readonly session: SessionId;
  readonly number: number;
}

/** Seals and opens what peers say: with the secrets of the application, the newest seals. */
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

  helloAnswer(hello: Uint8Array, node: NodeName, session: SessionId): Buffer {
    const bytes = Buffer.concat([nodeNameOf(node), Buffer.from(session, "base64url")]);
    return this.#sealer.seal(bytes, labelOf("hello answer", hello));
  }

  openHelloAnswer(
    hello: Uint8Array,
    body: Uint8Array,
  ): { readonly node: NodeName; readonly session: SessionId } | undefined {
    const opened = this.#sealer.open(body, labelOf("hello answer", hello));
    if (opened?.length !== NAME_BYTES + SESSION_BYTES) return undefined;
    return {
      node: opened.toString("base64url", 0, NAME_BYTES),
      session: opened.toString("base64url", NAME_BYTES),
    };
  }

  request(place: MessagePlace, request: Uint8Array): Buffer {
    return Buffer.concat([
      byteOf(REQUEST),
      Buffer.from(place.session, "base64url"),
      uint32Of(place.number),
      this.#sealer.seal(request, placeOf("request", place)),
    ]);
  }

  openRequest(place: MessagePlace, body: Uint8Array): Buffer | undefined {
    return this.#sealer.open(body.subarray(REQUEST_HEAD_BYTES), placeOf("request", place));
  }

  answer(place: MessagePlace, answer: Uint8Array | undefined): Buffer {
    const bytes = answer === undefined ? byteOf(0) : Buffer.concat([byteOf(1), answer]);
    return this.#sealer.seal(bytes, placeOf("answer", place));
  }

  /** `undefined`: it is not the answer of that node to that message. */
  openAnswer(
    place: MessagePlace,
    body: Uint8Array,
  ): { readonly answer: Uint8Array | undefined } | undefined {
    const opened = this.#sealer.open(body, placeOf("answer", place));
    if (opened === undefined || opened.length === 0) return undefined;
    return { answer: opened[0] === 1 ? opened.subarray(1) : undefined };
  }
}

const labelOf = (label: string, bytes: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(`live-stash peers 1: ${label}\0`, "latin1"), bytes]);

const placeOf = (label: string, { node, session, number }: MessagePlace): Buffer =>
  labelOf(
    label,
    Buffer.concat([nodeNameOf(node), Buffer.from(session, "base64url"), uint32Of(number)]),
  );
