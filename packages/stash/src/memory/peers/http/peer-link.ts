import type { NodeName } from "../peer-network.ts";
import { isTimeOut, within } from "../within.ts";
import { AskingConnection } from "./asking-connection.ts";
import { connectToPeer } from "./connect-to-peer.ts";
import type { PeerHellos } from "./hellos.ts";
import type { PeerAddress } from "./peer-address.ts";
import { NOTHING } from "./peer-protocol.ts";

/** The longest that a hello is waited for, in ms. */
const HELLO_TIMEOUT_MS = 1_000;
/** Who has been silent for so long is not asked for a while. In ms. */
const SILENT_MS = 150;
const AVOIDED_MS = 2_000;

export interface PeerLinkOptions {
  readonly address: PeerAddress;
  readonly hellos: PeerHellos;
  readonly self: NodeName;
  /** Aborted when this node goes. */
  readonly closing: AbortSignal;
  /** Nobody listens there. */
  readonly onLost: () => void;
}

/** The way to whoever answers at one address: another process after a restart. */
export class PeerLink {
  readonly address: PeerAddress;
  readonly #options: PeerLinkOptions;
  #connection: AskingConnection | undefined;
  #greeting: Promise<void> | undefined;
  #avoidedUntilMs = 0;
  #heardAtMs = -Infinity;
  #isSilent = false;

  constructor(options: PeerLinkOptions) {
    this.address = options.address;
    this.#options = options;
  }

  /** Who answers there; this node itself, if it is its own address. */
  get node(): NodeName | undefined {
    return this.#connection?.node;
  }

  /** It did not answer in time, and has not been heard of since. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** It spoke, so it may be asked. */
  heardOf(): void {
    this.#heardAtMs = performance.now();
    this.#avoidedUntilMs = 0;
    this.#isSilent = false;
  }

  /** Finds out who is there, once for all who want to know. Settles at the latest with the signal. */
  async greet(signal: AbortSignal): Promise<void> {
    if (performance.now() < this.#avoidedUntilMs) return;
    const { closing } = this.#options;
    this.#greeting ??= within(HELLO_TIMEOUT_MS, closing, (limit) => this.#greet(limit)).finally(
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
      if (this.#connection === undefined) await this.greet(signal);
      const connection = this.#connection;
      if (connection === undefined || (node !== undefined && connection.node !== node)) {
        return undefined;
      }
      if (connection.node === this.#options.self) return undefined;
      const startedMs = performance.now();
      const outcome = await connection.ask(request, signal);
      if (outcome.kind === "lost") continue;
      this.#notice(outcome.kind, startedMs, signal);
      return outcome.kind === "answered" ? outcome.answer : undefined;
    }
    return undefined;
  }

  /** Nobody will ask there any more; what was asked is still answered. */
  retire(): void {
    this.#connection?.retire();
  }

  close(): void {
    this.#connection?.close();
  }

  async #greet(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const outcome = await this.#connection?.ask(NOTHING, signal);
    if (outcome === undefined || outcome.kind === "lost") return this.#connect(signal);
    this.#notice(outcome.kind, startedMs, signal);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { address, hellos, self, onLost } = this.#options;
    const startedMs = performance.now();
    const outcome = await connectToPeer(address, hellos, self, signal);
    if (outcome.kind === "connected") {
      const { socket, head, session } = outcome;
      const connection = new AskingConnection(socket, head, session, () => {
        if (this.#connection === connection) this.#connection = undefined;
      });
      this.#connection = connection;
      this.heardOf();
    } else if (outcome.kind === "refused") onLost();
    else if (outcome.kind === "aborted") this.#notice("aborted", startedMs, signal);
  }

  #notice(kind: "answered" | "aborted", startedMs: number, signal: AbortSignal): void {
    if (kind === "answered") return this.heardOf();
    const nowMs = performance.now();
    // Asked in vain for long enough, and no word about anything else either.
    const isSilent = this.#heardAtMs < startedMs && nowMs - startedMs >= SILENT_MS;
    if (!isTimeOut(signal) || !isSilent) return;
    this.#avoidedUntilMs = nowMs + AVOIDED_MS;
    // The first time it may be frozen. The second time there may be another process at its address.
    if (this.#isSilent) this.close();
    this.#isSilent = true;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
