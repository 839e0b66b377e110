import { randomBytes } from "node:crypto";
import { createSealer, type Sealer } from "live-stash/adapter";
import type { NodeName } from "live-stash/peers";

/** A node's announcement to all others. They reply to `joined` with `present`. */
export type Announcement = "joined" | "present" | "leaving";

/** The order is part of the format: a message carries the index. */
const ANNOUNCEMENTS: readonly Announcement[] = ["joined", "present", "leaving"];
const NAME_BYTES = 8;
const TIME_BYTES = 6;
const NONCE_BYTES = 8;
const HEAD_BYTES = TIME_BYTES + NONCE_BYTES;

/** A decrypted message, with the time and the nonce that protect it against replay. */
export interface Opened<Content> {
  readonly sentAtMs: number;
  readonly nonce: string;
  readonly content: Content;
}

/**
 * Seals the messages of peers with the application's secrets: a subscriber without them cannot read a
 * state, and a publisher without them can neither fetch nor insert one.
 *
 * A request is bound to its receiver, and an answer to its request. Each message but an answer carries
 * its time and a nonce, so that no node accepts it twice.
 */
export class PeerEnvelope {
  readonly #sealer: Sealer;

  /** Throws `missing_secret` in production, and `invalid_option`. */
  constructor(secret: string | readonly string[] | undefined) {
    this.#sealer = createSealer({ secret, purpose: "nats peers", of: "peersOverNats" });
  }

  announcement(name: NodeName, announcement: Announcement, nowMs: number): Buffer {
    const kind = Buffer.from([ANNOUNCEMENTS.indexOf(announcement)]);
    return this.#seal("greeting", [kind, Buffer.from(name, "base64url")], nowMs);
  }

  openAnnouncement(
    bytes: Uint8Array,
  ): Opened<{ readonly name: NodeName; readonly announcement: Announcement }> | undefined {
    const opened = this.#open("greeting", bytes);
    const announcement = ANNOUNCEMENTS[opened?.content[0] ?? -1];
    if (opened === undefined || announcement === undefined) return undefined;
    if (opened.content.length !== 1 + NAME_BYTES) return undefined;
    return { ...opened, content: { announcement, name: opened.content.toString("base64url", 1) } };
  }

  request(receiver: NodeName, request: Uint8Array, nowMs: number): Buffer {
    return this.#seal(`request ${receiver}`, [request], nowMs);
  }

  openRequest(receiver: NodeName, bytes: Uint8Array): Opened<Buffer> | undefined {
    return this.#open(`request ${receiver}`, bytes);
  }

  answer(request: Uint8Array, answer: Uint8Array | undefined): Buffer {
    const content = answer === undefined ? [Buffer.from([0])] : [Buffer.from([1]), answer];
    return this.#sealer.seal(Buffer.concat(content), answerScope(request));
  }

  /** Opens an answer to that request; `undefined` for an empty answer, and for any other message. */
  openAnswer(request: Uint8Array, bytes: Uint8Array): Buffer | undefined {
    const opened = this.#sealer.open(bytes, answerScope(request));
    return opened?.[0] === 1 ? opened.subarray(1) : undefined;
  }

  #seal(scope: string, content: readonly Uint8Array[], nowMs: number): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(nowMs, 0, TIME_BYTES);
    randomBytes(NONCE_BYTES).copy(head, TIME_BYTES);
    return this.#sealer.seal(Buffer.concat([head, ...content]), Buffer.from(scope));
  }

  #open(scope: string, bytes: Uint8Array): Opened<Buffer> | undefined {
    const opened = this.#sealer.open(bytes, Buffer.from(scope));
    if (opened === undefined || opened.length < HEAD_BYTES) return undefined;
    return {
      sentAtMs: opened.readUIntBE(0, TIME_BYTES),
      nonce: opened.toString("latin1", TIME_BYTES, HEAD_BYTES),
      content: opened.subarray(HEAD_BYTES),
    };
  }
}

/** Returns the scope of an answer: the whole sealed request, whose nonce makes it unique. */
function answerScope(request: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from("answer "), request]);
}

/** The largest difference between the clocks of two nodes, in ms, as the documentation demands. */
const MAX_CLOCK_DIFFERENCE_MS = 60_000;
/** The number of nonces to remember, more than a node answers in that time. Further messages are rejected. */
const MAX_NONCES = 1_000_000;

/** Remembers each message for as long as a replay of it would be accepted. */
export class SeenMessages {
  #current = new Set<string>();
  #previous = new Set<string>();
  #rotatedAtMs = 0;

  /** Whether a message was not received before, and its time is close enough to be certain of that. */
  isNew(nonce: string, sentAtMs: number, nowMs: number): boolean {
    if (Math.abs(nowMs - sentAtMs) > MAX_CLOCK_DIFFERENCE_MS) return false;
    // A message is accepted for twice the difference, so two sets of that length hold all such nonces.
    if (nowMs - this.#rotatedAtMs > 2 * MAX_CLOCK_DIFFERENCE_MS) {
      this.#previous = this.#current;
      this.#current = new Set();
      this.#rotatedAtMs = nowMs;
    }
    if (this.#current.has(nonce) || this.#previous.has(nonce)) return false;
    if (this.#current.size >= MAX_NONCES) return false;
    this.#current.add(nonce);
    return true;
  }
}
