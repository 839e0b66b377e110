import { randomBytes } from "node:crypto";
import { createSealer, type Sealer } from "live-stash/adapter";
import type { NodeName } from "live-stash/peers";

/** What a node says to all. */
export type Greeting = "who is there" | "here I am" | "I am going";

const GREETINGS: readonly Greeting[] = ["who is there", "here I am", "I am going"];
const NAME_BYTES = 8;
const TIME_BYTES = 6;
const ONCE_BYTES = 8;
const HEAD_BYTES = TIME_BYTES + ONCE_BYTES;

/** A message that was opened: of when it is, and what tells it from all others. */
export interface Opened<Content> {
  readonly sentAtMs: number;
  readonly once: string;
  readonly content: Content;
}

/**
 * Seals what peers say with the application's secrets: who may listen on the servers learns nothing of
 * states, and who may publish there can neither take nor bring one.
 *
 * A request is bound to the node that it is for, and an answer to its request. All but answers say when
 * they were sent, and hold bytes that come only once, so that none is heeded twice.
 */
export class PeerEnvelope {
  readonly #sealer: Sealer;

  /** Throws `missing_secret` in production, and `invalid_option`. */
  constructor(secret: string | readonly string[] | undefined) {
    this.#sealer = createSealer({ secret, purpose: "nats peers", of: "peersOverNats" });
  }

  greeting(name: NodeName, greeting: Greeting, nowMs: number): Buffer {
    const content = [Buffer.from([GREETINGS.indexOf(greeting)]), Buffer.from(name, "base64url")];
    return this.#seal("greeting", content, nowMs);
  }

  openGreeting(
    bytes: Uint8Array,
  ): Opened<{ readonly name: NodeName; readonly greeting: Greeting }> | undefined {
    const opened = this.#open("greeting", bytes);
    const greeting = GREETINGS[opened?.content[0] ?? -1];
    if (opened === undefined || greeting === undefined) return undefined;
    if (opened.content.length !== 1 + NAME_BYTES) return undefined;
    return { ...opened, content: { greeting, name: opened.content.toString("base64url", 1) } };
  }

  request(target: NodeName, request: Uint8Array, nowMs: number): Buffer {
    return this.#seal(`request ${target}`, [request], nowMs);
  }

  openRequest(target: NodeName, bytes: Uint8Array): Opened<Buffer> | undefined {
    return this.#open(`request ${target}`, bytes);
  }

  answer(request: Uint8Array, answer: Uint8Array | undefined): Buffer {
    const content = answer === undefined ? [Buffer.from([0])] : [Buffer.from([1]), answer];
    return this.#sealer.seal(Buffer.concat(content), answerTo(request));
  }

  /** `undefined` for what is no answer to that request, as well as for an answer of nothing. */
  openAnswer(request: Uint8Array, bytes: Uint8Array): Buffer | undefined {
    const opened = this.#sealer.open(bytes, answerTo(request));
    return opened?.[0] === 1 ? opened.subarray(1) : undefined;
  }

  #seal(place: string, content: readonly Uint8Array[], nowMs: number): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(nowMs, 0, TIME_BYTES);
    randomBytes(ONCE_BYTES).copy(head, TIME_BYTES);
    return this.#sealer.seal(Buffer.concat([head, ...content]), Buffer.from(place));
  }

  #open(place: string, bytes: Uint8Array): Opened<Buffer> | undefined {
    const opened = this.#sealer.open(bytes, Buffer.from(place));
    if (opened === undefined || opened.length < HEAD_BYTES) return undefined;
    return {
      sentAtMs: opened.readUIntBE(0, TIME_BYTES),
      once: opened.toString("latin1", TIME_BYTES, HEAD_BYTES),
      content: opened.subarray(HEAD_BYTES),
    };
  }
}

/** The whole request: it is another one each time, as it is sealed. */
function answerTo(request: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from("answer "), request]);
}

/** How far the clocks of two nodes may differ, in ms. */
const MAX_DIFFERENCE_MS = 60_000;
/** More than a node answers in that time; then strangers with a recording have no room to hide in. */
const MAX_SEEN = 1_000_000;

/** Remembers which messages came, for as long as they could come again and be taken for new. */
export class SeenMessages {
  #current = new Set<string>();
  #previous = new Set<string>();
  #turnedAtMs = 0;

  /** Whether a message is new, and not too old or too far ahead to tell. */
  isNew(once: string, sentAtMs: number, nowMs: number): boolean {
    if (Math.abs(nowMs - sentAtMs) > MAX_DIFFERENCE_MS) return false;
    // Two halves of twice the difference each hold all that could still be accepted.
    if (nowMs - this.#turnedAtMs > 2 * MAX_DIFFERENCE_MS) {
      this.#previous = this.#current;
      this.#current = new Set();
      this.#turnedAtMs = nowMs;
    }
    if (this.#current.has(once) || this.#previous.has(once)) return false;
    if (this.#current.size >= MAX_SEEN) return false;
    this.#current.add(once);
    return true;
  }
}
