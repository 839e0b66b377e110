import type { Agent } from "node:http";
import type { NodeName } from "../peer-network.ts";
import { isTimeOut, within } from "../within.ts";
import type { PeerAddress } from "./peer-address.ts";
import { openAnswer, type OpenedSession, type PeerEnvelope, sealRequest } from "./peer-envelope.ts";
import { type PostOutcome, postToPeer } from "./post-to-peer.ts";
import { MAX_MESSAGE_NUMBER } from "./replay-window.ts";

/** The longest that a hello is waited for, in ms. */
const HELLO_TIMEOUT_MS = 1_000;
/** Who has been silent for so long is not asked for a while. In ms. */
const SILENT_MS = 150;
const AVOIDED_MS = 2_000;

interface Session extends OpenedSession {
  sent: number;
}

export interface PeerLinkOptions {
  readonly address: PeerAddress;
  readonly agent: Agent;
  readonly envelope: PeerEnvelope;
  readonly self: NodeName;
  /** Nobody listens there. */
  readonly onLost: () => void;
}

/** The way to whoever answers at one address: another process after a restart. */
export class PeerLink {
  readonly address: PeerAddress;
  readonly #options: PeerLinkOptions;
  #session: Session | undefined;
  #greeting: Promise<void> | undefined;
  #avoidedUntilMs = 0;
  #heardAtMs = -Infinity;

  constructor(options: PeerLinkOptions) {
    this.address = options.address;
    this.#options = options;
  }

  /** Who answered there last; this node itself, if it is its own address. */
  get node(): NodeName | undefined {
    return this.#session?.node;
  }

  /** It spoke, so it may be asked. */
  heardOf(): void {
    this.#heardAtMs = performance.now();
    this.#avoidedUntilMs = 0;
  }

  /** Finds out who is there, once for all who want to know. Settles at the latest with the signal. */
  async greet(signal: AbortSignal): Promise<void> {
    if (performance.now() < this.#avoidedUntilMs) return;
    this.#greeting ??= within(HELLO_TIMEOUT_MS, undefined, (limit) => this.#hello(limit)).finally(
      () => {
        this.#greeting = undefined;
      },
    );
    await within(HELLO_TIMEOUT_MS, signal, (limit) =>
      Promise.race([this.#greeting, aborted(limit)]),
    );
  }

  /** Asks whoever is there, or only a certain node. */
  async ask(
    request: Uint8Array,
    signal: AbortSignal,
    node?: NodeName,
  ): Promise<Uint8Array | undefined> {
    // Once more for a connection that had been closed, and for a process that had been replaced.
    for (let attempts = 0; attempts < 3 && !signal.aborted; attempts += 1) {
      if (performance.now() < this.#avoidedUntilMs) return undefined;
      if (this.#session === undefined) await this.greet(signal);
      const session = this.#session;
      if (session === undefined || (node !== undefined && session.node !== node)) return undefined;
      if (session.node === this.#options.self) return undefined;
      const place = { ...session, number: numberOf(session) };
      const body = sealRequest(place, request);
      const outcome = await this.#post(body, signal);
      if (outcome.kind === "answered" && outcome.status === 200) {
        const opened = openAnswer(place, outcome.body);
        if (opened !== undefined) return opened.answer;
      }
      const isReplaced = outcome.kind === "answered" && outcome.status === 401;
      const isStale = outcome.kind === "failed" && outcome.isStale;
      if (isReplaced || session.sent >= MAX_MESSAGE_NUMBER) this.#forget(session);
      else if (!isStale) return undefined;
    }
    return undefined;
  }

  async #hello(signal: AbortSignal): Promise<void> {
    const { envelope, self } = this.#options;
    for (let attempts = 0; attempts < 2; attempts += 1) {
      const hello = envelope.hello(self);
      const outcome = await this.#post(hello, signal);
      if (outcome.kind === "failed" && outcome.isStale) continue;
      const opened =
        outcome.kind === "answered" && outcome.status === 200
          ? envelope.openHelloAnswer(hello.subarray(1), outcome.body)
          : undefined;
      if (opened?.node !== this.#session?.node || opened === undefined) this.#session = undefined;
      if (opened !== undefined) this.#session = { ...opened, sent: 0 };
      return;
    }
  }

  #forget(session: Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  async #post(body: Buffer, signal: AbortSignal): Promise<PostOutcome> {
    const { agent, onLost } = this.#options;
    const startedMs = performance.now();
    const outcome = await postToPeer(agent, this.address, body, signal);
    const nowMs = performance.now();
    if (outcome.kind === "answered") this.heardOf();
    // Asked in vain for long enough, and no word about anything else either.
    const isSilent = this.#heardAtMs < startedMs && nowMs - startedMs >= SILENT_MS;
    if (outcome.kind === "aborted" && isTimeOut(signal) && isSilent) {
      this.#avoidedUntilMs = nowMs + AVOIDED_MS;
    }
    if (outcome.kind === "refused") {
      this.#session = undefined;
      onLost();
    }
    return outcome;
  }
}

function numberOf(session: Session): number {
  session.sent += 1;
  return session.sent;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
