import { firstReply, unlessAborted } from "../bounded.ts";
import type { NodeName, PeerReply } from "../peer-network.ts";
import type { PeerAddress, PeerDirectory } from "./peer-address.ts";
import type { PeerHellos } from "./hellos.ts";
import { PeerLink } from "./link.ts";

/** A node that nobody is, is not looked for again for so long, in ms. */
const UNKNOWN_MS = 5_000;
/** Of how many that is remembered. */
const MAX_UNKNOWN = 1_024;

export interface PeerLinksOptions {
  readonly hellos: PeerHellos;
  readonly self: NodeName;
  readonly directory: PeerDirectory;
  /** Aborted when this node goes. */
  readonly closing: AbortSignal;
}

const GONE: PeerReply = { status: "gone" };

/** The ways to all addresses of the application. */
export class PeerLinks {
  readonly #options: PeerLinksOptions;
  #links = new Map<string, PeerLink>();
  /** Names that no process had when all were asked, until when they are believed to be nobody's. */
  readonly #unknownUntilMs = new Map<NodeName, number>();
  /** Since when the directory cannot say who is there. */
  #unreadSinceMs: number | undefined;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
  }

  heardOf(asker: NodeName): void {
    this.#unknownUntilMs.delete(asker);
    this.#linkOf(asker)?.heardOf();
  }

  /** Asks one node; all addresses are asked for it if it is not known where it is. */
  async ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply> {
    if (node === this.#options.self) return GONE;
    const known = this.#linkOf(node);
    if (known !== undefined) return known.ask(request, signal, node);
    if ((this.#unknownUntilMs.get(node) ?? 0) > performance.now()) return GONE;
    await this.greetAll(signal, node);
    const found = this.#linkOf(node);
    if (found !== undefined) return found.ask(request, signal, node);
    const silentMs = this.#silentMs(signal);
    // One that is silent may be it.
    if (silentMs !== undefined) return { status: "silent", silentMs };
    this.#setUnknown(node);
    return GONE;
  }

  /** Asks all other nodes at once, one for each; and addresses of which it is not known who is there. */
  async askOthers(
    request: Uint8Array,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply> {
    const links = await this.#refresh(false, signal);
    const named = new Set<NodeName>([this.#options.self]);
    if (except !== undefined) named.add(except);
    const asked = links.flatMap((link) => {
      const { node } = link;
      if (node !== undefined && named.has(node)) return [];
      if (node !== undefined) named.add(node);
      return [link.ask(request, signal)];
    });
    const unread = this.#unreadSilence();
    return firstReply(unread === undefined ? asked : [...asked, Promise.resolve(unread)]);
  }

  /** Asks at all addresses who is there; settles when all have said, or as soon as `wanted` has. */
  async greetAll(
    signal: AbortSignal,
    wanted?: NodeName,
  ): Promise<{ readonly node: NodeName; readonly link: PeerLink }[]> {
    const links = await this.#refresh(true, signal);
    await new Promise<void>((resolve) => {
      let left = links.length;
      if (left === 0) resolve();
      for (const link of links) {
        void link.greet(signal).then(() => {
          left -= 1;
          if (left === 0 || (wanted !== undefined && link.node === wanted)) resolve();
        });
      }
    });
    const found = new Map<NodeName, PeerLink>();
    for (const link of links) {
      const { node, isSilent } = link;
      const isOther = node !== undefined && node !== this.#options.self;
      if (isOther && !isSilent) found.set(node, link);
    }
    return [...found].map(([node, link]) => ({ node, link }));
  }

  /** For how long somebody has been silent of whom it is not known who it is. */
  #silentMs(signal: AbortSignal): number | undefined {
    if (signal.aborted) return 0;
    const silences = [...this.#links.values()].flatMap(({ silentMs }) => silentMs ?? []);
    const unread = this.#unreadSilence();
    if (unread !== undefined) silences.push(unread.silentMs);
    return silences.length === 0 ? undefined : Math.min(...silences);
  }

  #unreadSilence(): { readonly status: "silent"; readonly silentMs: number } | undefined {
    const sinceMs = this.#unreadSinceMs;
    if (sinceMs === undefined) return undefined;
    return { status: "silent", silentMs: performance.now() - sinceMs };
  }

  #linkOf(node: NodeName): PeerLink | undefined {
    for (const link of this.#links.values()) if (link.node === node) return link;
    return undefined;
  }

  #setUnknown(node: NodeName): void {
    this.#unknownUntilMs.delete(node);
    this.#unknownUntilMs.set(node, performance.now() + UNKNOWN_MS);
    for (const oldest of this.#unknownUntilMs.keys()) {
      if (this.#unknownUntilMs.size <= MAX_UNKNOWN) return;
      this.#unknownUntilMs.delete(oldest);
    }
  }

  /** Who is there now; with a directory that takes too long, those who are known. */
  async #refresh(isUrgent: boolean, signal: AbortSignal): Promise<PeerLink[]> {
    const { directory } = this.#options;
    const addresses = await unlessAborted(directory.addresses(isUrgent), signal);
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
      addresses.map((address) => [address.key, before.get(address.key) ?? this.#linkAt(address)]),
    );
    for (const [key, link] of before) if (!this.#links.has(key)) link.retire();
  }

  #linkAt(address: PeerAddress): PeerLink {
    const { hellos, self, closing, directory } = this.#options;
    const onLost = (): void => directory.lost?.(address);
    return new PeerLink({ address, hellos, self, closing, onLost });
  }
}
