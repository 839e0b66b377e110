import type { NodeName, PeerReply } from "../peer-network.ts";
import { isTimeOut, unlessAborted, within } from "../bounded.ts";
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
/**
 * Nothing asked in between for so long, a silence begins anew, in ms: a node may have come back and been
 * frozen again. Longer than a client waits before it joins again (10 s).
 */
const SILENCE_LASTS_MS = 30_000;

const GONE: PeerReply = { status: "gone" };

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
  /** When it was first and last asked in vain, since it was last heard of. */
  #silence: { readonly sinceMs: number; readonly lastMs: number } | undefined;
  /** The last attempt to connect found nobody who listens, or a stranger. */
  #isNobodyThere = false;
  #isRetired = false;

  constructor(options: PeerLinkOptions) {
    this.address = options.address;
    this.#options = options;
  }

  /** Who answers there; this node itself, if it is its own address. */
  get node(): NodeName | undefined {
    return this.#open?.node;
  }

  /** It did not answer in time, and has not been heard of since. */
  get isSilent(): boolean {
    return this.#silence !== undefined;
  }

  /** For how long it is not known who is there; `undefined` if it is known who, or that nobody is. */
  get silentMs(): number | undefined {
    if (this.#open !== undefined || this.#isNobodyThere || this.#isRetired) return undefined;
    return this.#silenceNow().silentMs;
  }

  /** It spoke, so it may be asked. */
  heardOf(): void {
    this.#heardAtMs = performance.now();
    this.#avoidedUntilMs = 0;
    this.#silence = undefined;
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
    await unlessAborted(this.#greeting, signal);
  }

  /** Asks whoever is there, or only a certain node. */
  async ask(request: Uint8Array, signal: AbortSignal, node?: NodeName): Promise<PeerReply> {
    // Once more for a connection that had been closed, and for a process that had been replaced.
    for (let attempts = 0; attempts < 3 && !signal.aborted; attempts += 1) {
      if (performance.now() < this.#avoidedUntilMs) break;
      if (this.#open === undefined) await this.greet(signal);
      const connection = this.#open;
      if (connection === undefined) return this.silentMs === undefined ? GONE : this.#silenceNow();
      if (node !== undefined && connection.node !== node) return GONE;
      if (connection.node === this.#options.self) return GONE;
      const startedMs = performance.now();
      const outcome = await connection.ask(request, signal);
      if (outcome.kind === "answered") return { status: "answered", answer: outcome.answer };
      if (outcome.kind === "aborted") this.#giveUp(startedMs, signal, connection);
    }
    return this.#silenceNow();
  }

  /** Nobody will ask there any more; what was asked is still answered. */
  retire(): void {
    this.#isRetired = true;
    this.#open?.retire();
  }

  get #open(): AskingConnection | undefined {
    return this.#connection?.isOpen === true ? this.#connection : undefined;
  }

  async #greet(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const connection = this.#open;
    const outcome = await connection?.ask(NOTHING, signal);
    if (outcome?.kind === "aborted") this.#giveUp(startedMs, signal, connection);
    else if (outcome?.kind !== "answered") await this.#connect(signal);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { address, hellos, self, closing, onLost } = this.#options;
    if (this.#isRetired) return;
    const startedMs = performance.now();
    let outcome = await connectToPeer(address, hellos, self, signal);
    if (outcome.kind === "failed") outcome = await connectToPeer(address, hellos, self, signal);
    if (outcome.kind === "refused") onLost();
    this.#isNobodyThere = outcome.kind === "refused" || outcome.kind === "stranger";
    if (this.#isNobodyThere) this.#silence = undefined;
    if (outcome.kind === "failed") this.#fallSilent(startedMs);
    if (outcome.kind === "aborted") this.#giveUp(startedMs, signal);
    if (outcome.kind !== "connected") return;
    const { socket, head, session } = outcome;
    // Meanwhile nobody may want it any more.
    if (this.#isRetired || closing.aborted) return void socket.destroy();
    const connection = new AskingConnection(socket, head, session, () => this.heardOf());
    const close = (): void => connection.close();
    closing.addEventListener("abort", close);
    socket.once("close", () => closing.removeEventListener("abort", close));
    this.#connection = connection;
    this.heardOf();
  }

  /** If it was asked in vain for long enough, and said nothing else either, it is left alone for a while. */
  #giveUp(startedMs: number, signal: AbortSignal, connection?: AskingConnection): void {
    if (!isTimeOut(signal)) return;
    const nowMs = performance.now();
    const isLong = nowMs - startedMs >= SILENT_MS;
    if (isLong) connection?.missed(startedMs);
    if (this.#heardAtMs >= startedMs) return;
    this.#fallSilent(startedMs);
    if (isLong) this.#avoidedUntilMs = nowMs + AVOIDED_MS;
  }

  #fallSilent(askedMs: number): void {
    const before = this.#silence;
    const isSame = before !== undefined && askedMs - before.lastMs < SILENCE_LASTS_MS;
    this.#silence = { sinceMs: isSame ? before.sinceMs : askedMs, lastMs: performance.now() };
  }

  #silenceNow(): PeerReply & { readonly status: "silent" } {
    const sinceMs = this.#silence?.sinceMs;
    return { status: "silent", silentMs: sinceMs === undefined ? 0 : performance.now() - sinceMs };
  }
}
