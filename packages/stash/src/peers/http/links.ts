import { isTimeOut, unlessAborted, within } from "../bounded.ts";
import { firstReply, type NodeName, type PeerReply } from "../peer-network.ts";
import { extendSilence, type Silence, SKIP_AFTER_MS, SKIPPED_MS } from "../silence.ts";
import { AskingConnection, NOTHING } from "./connection.ts";
import type { PeerAddress, PeerDirectory } from "./directory.ts";
import type { SecureChannels } from "./secure-channel.ts";
import { connectToPeer } from "./upgrade.ts";

/** The time for which an unknown node name is cached, in ms. A new process has a new name. */
const UNKNOWN_MS = 5_000;
/** Unknown names that are cached; each is one lookup of a page whose node has gone. */
const MAX_UNKNOWN = 1_024;
/** The longest that connecting to a peer may take, in ms: a frozen one answers no sooner. */
const CONNECT_TIMEOUT_MS = 1_000;

const GONE: PeerReply = { status: "gone" };

interface LinkContext {
  readonly channels: SecureChannels;
  readonly self: NodeName;
  readonly directory: PeerDirectory;
  /** Aborted when this node closes. */
  readonly closing: AbortSignal;
}

/** The connections to all nodes of the application, one for each address. */
export class PeerLinks {
  readonly #context: LinkContext;
  #links = new Map<string, PeerLink>();
  /** Names that no process had when all were asked, with the time until which that is believed. */
  readonly #unknownUntilMs = new Map<NodeName, number>();
  /** The time since which the directory could not be read. */
  #unreadSinceMs: number | undefined;

  constructor(context: LinkContext) {
    this.#context = context;
  }

  /** Records that a node is there, because it sent a request. */
  noteMessageFrom(node: NodeName): void {
    this.#unknownUntilMs.delete(node);
    this.#linkOf(node)?.noteActivity();
  }

  /** Asks one node, which is looked for at all addresses if its own is not known. */
  async ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply> {
    if (node === this.#context.self) return GONE;
    const known = this.#linkOf(node);
    if (known !== undefined) return known.ask(request, signal, node);
    if ((this.#unknownUntilMs.get(node) ?? 0) > performance.now()) return GONE;
    await this.reachable(signal, node);
    const found = this.#linkOf(node);
    if (found !== undefined) return found.ask(request, signal, node);
    // A peer whose name is not known and that is silent may be that node.
    const silentMs = this.#shortestSilenceMs(signal);
    if (silentMs !== undefined) return { status: "silent", silentMs };
    this.#cacheAsUnknown(node);
    return GONE;
  }

  /** Asks all other nodes at once: each of them once, and each address whose node is not known. */
  async askOthers(
    request: Uint8Array,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply> {
    const links = await this.#refresh(false, signal);
    const named = new Set<NodeName>([this.#context.self]);
    if (except !== undefined) named.add(except);
    const asked = links.flatMap((link) => {
      const { node } = link;
      if (node !== undefined && named.has(node)) return [];
      if (node !== undefined) named.add(node);
      return [link.ask(request, signal)];
    });
    const unread = this.#directorySilence();
    return firstReply(unread === undefined ? asked : [...asked, Promise.resolve(unread)]);
  }

  /** Connects to all addresses, until all have answered or `wanted` has. Returns the nodes found. */
  async reachable(signal: AbortSignal, wanted?: NodeName): Promise<NodeName[]> {
    const links = await this.#refresh(true, signal);
    await new Promise<void>((resolve) => {
      let left = links.length;
      if (left === 0) resolve();
      for (const link of links) {
        void link.connect(signal).then(() => {
          left -= 1;
          if (left === 0 || (wanted !== undefined && link.node === wanted)) resolve();
        });
      }
    });
    const found = new Set<NodeName>();
    for (const { node, isSilent } of links) if (node !== undefined && !isSilent) found.add(node);
    found.delete(this.#context.self);
    return [...found];
  }

  /** Returns the shortest silence, in ms, of an address at which a node may be whose name is not known. */
  #shortestSilenceMs(signal: AbortSignal): number | undefined {
    if (signal.aborted) return 0;
    const silences = [...this.#links.values()].flatMap(({ silentMs }) => silentMs ?? []);
    const unread = this.#directorySilence();
    if (unread !== undefined) silences.push(unread.silentMs);
    return silences.length === 0 ? undefined : Math.min(...silences);
  }

  #directorySilence(): { readonly status: "silent"; readonly silentMs: number } | undefined {
    const sinceMs = this.#unreadSinceMs;
    if (sinceMs === undefined) return undefined;
    return { status: "silent", silentMs: performance.now() - sinceMs };
  }

  #linkOf(node: NodeName): PeerLink | undefined {
    for (const link of this.#links.values()) if (link.node === node) return link;
    return undefined;
  }

  #cacheAsUnknown(node: NodeName): void {
    this.#unknownUntilMs.delete(node);
    this.#unknownUntilMs.set(node, performance.now() + UNKNOWN_MS);
    for (const oldest of this.#unknownUntilMs.keys()) {
      if (this.#unknownUntilMs.size <= MAX_UNKNOWN) return;
      this.#unknownUntilMs.delete(oldest);
    }
  }

  /** Reads the directory. If that takes longer than the signal allows, the links stay as they are. */
  async #refresh(isUrgent: boolean, signal: AbortSignal): Promise<PeerLink[]> {
    const addresses = await unlessAborted(this.#context.directory.addresses(isUrgent), signal);
    if (addresses === undefined) this.#unreadSinceMs ??= performance.now();
    else {
      this.#unreadSinceMs = undefined;
      this.#setAddresses(addresses);
    }
    return [...this.#links.values()];
  }

  #setAddresses(addresses: readonly PeerAddress[]): void {
    const before = this.#links;
    this.#links = new Map(
      addresses.map((address) => {
        const link = before.get(address.key) ?? new PeerLink(address, this.#context);
        return [address.key, link];
      }),
    );
    for (const [key, link] of before) if (!this.#links.has(key)) link.retire();
  }
}

/** The connection to one address. The process behind it may change, for instance after a restart. */
class PeerLink {
  readonly #address: PeerAddress;
  readonly #context: LinkContext;
  #connection: AskingConnection | undefined;
  #connecting: Promise<void> | undefined;
  #skippedUntilMs = 0;
  #activeAtMs = -Infinity;
  #silence: Silence | undefined;
  /** The last attempt to connect found no process, or none that is a peer. */
  #isVacant = false;
  #isRetired = false;

  constructor(address: PeerAddress, context: LinkContext) {
    this.#address = address;
    this.#context = context;
  }

  /** The node that answers there; this node itself, if the address is its own. */
  get node(): NodeName | undefined {
    return this.#open?.node;
  }

  /** Whether the peer did not answer in time, and has sent nothing since. */
  get isSilent(): boolean {
    return this.#silence !== undefined;
  }

  /** For how long the peer has been silent, in ms; `undefined` if its name is known, or that there is none. */
  get silentMs(): number | undefined {
    if (this.#open !== undefined || this.#isVacant || this.#isRetired) return undefined;
    return this.#silentReply().silentMs;
  }

  /** Records a sign of life: the peer may be asked again. */
  noteActivity(): void {
    this.#activeAtMs = performance.now();
    this.#skippedUntilMs = 0;
    this.#silence = undefined;
  }

  /** Connects, or checks the connection; callers at the same time share one attempt. Never rejects. */
  async connect(signal: AbortSignal): Promise<void> {
    if (performance.now() < this.#skippedUntilMs) return;
    const { closing } = this.#context;
    this.#connecting ??= within(CONNECT_TIMEOUT_MS, closing, (limit) =>
      this.#checkOrConnect(limit),
    ).finally(() => {
      this.#connecting = undefined;
    });
    await unlessAborted(this.#connecting, signal);
  }

  /** Asks the node at this address, or only `node`. */
  async ask(request: Uint8Array, signal: AbortSignal, node?: NodeName): Promise<PeerReply> {
    // Two attempts may be lost: to a connection that has just closed, and to a process that was replaced.
    for (let attempts = 0; attempts < 3 && !signal.aborted; attempts += 1) {
      if (performance.now() < this.#skippedUntilMs) break;
      if (this.#open === undefined) await this.connect(signal);
      const connection = this.#open;
      if (connection === undefined) return this.silentMs === undefined ? GONE : this.#silentReply();
      if (node !== undefined && connection.node !== node) return GONE;
      if (connection.node === this.#context.self) return GONE;
      const startedMs = performance.now();
      const outcome = await connection.ask(request, signal);
      if (outcome.kind === "answered") return { status: "answered", answer: outcome.answer };
      if (outcome.kind === "aborted") this.#giveUp(startedMs, signal, connection);
    }
    return this.#silentReply();
  }

  /** Closes the connection once pending requests are answered: the directory no longer lists the address. */
  retire(): void {
    this.#isRetired = true;
    this.#open?.retire();
  }

  get #open(): AskingConnection | undefined {
    return this.#connection?.isOpen === true ? this.#connection : undefined;
  }

  async #checkOrConnect(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const connection = this.#open;
    const outcome = await connection?.ask(NOTHING, signal);
    if (outcome?.kind === "aborted") this.#giveUp(startedMs, signal, connection);
    else if (outcome?.kind !== "answered") await this.#connectAnew(signal);
  }

  async #connectAnew(signal: AbortSignal): Promise<void> {
    const { channels, self, closing, directory } = this.#context;
    if (this.#isRetired) return;
    const attempt = () => connectToPeer(this.#address, channels, self, signal);
    const startedMs = performance.now();
    let outcome = await attempt();
    if (outcome.kind === "failed") outcome = await attempt();
    if (outcome.kind === "refused") directory.onRefused?.(this.#address);
    this.#isVacant = outcome.kind === "refused" || outcome.kind === "stranger";
    if (this.#isVacant) this.#silence = undefined;
    if (outcome.kind === "failed") this.#silence = extendSilence(this.#silence, startedMs);
    if (outcome.kind === "aborted") this.#giveUp(startedMs, signal);
    if (outcome.kind !== "connected") return;
    const { channel, node } = outcome;
    if (this.#isRetired || closing.aborted) return void channel.destroy();
    const connection = new AskingConnection(channel, node, () => this.noteActivity());
    const close = (): void => connection.close();
    closing.addEventListener("abort", close);
    channel.once("close", () => closing.removeEventListener("abort", close));
    this.#connection = connection;
    this.noteActivity();
  }

  /** Skips the peer for a while if it was asked for long enough and sent nothing at all meanwhile. */
  #giveUp(startedMs: number, signal: AbortSignal, connection?: AskingConnection): void {
    if (!isTimeOut(signal)) return;
    const nowMs = performance.now();
    const isLong = nowMs - startedMs >= SKIP_AFTER_MS;
    if (isLong) connection?.missed(startedMs);
    if (this.#activeAtMs >= startedMs) return;
    this.#silence = extendSilence(this.#silence, startedMs);
    if (isLong) this.#skippedUntilMs = nowMs + SKIPPED_MS;
  }

  #silentReply(): PeerReply & { readonly status: "silent" } {
    const sinceMs = this.#silence?.sinceMs;
    return { status: "silent", silentMs: sinceMs === undefined ? 0 : performance.now() - sinceMs };
  }
}
