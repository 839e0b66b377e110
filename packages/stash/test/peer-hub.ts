import {
  firstReply,
  type NodeName,
  type PeerHandler,
  type PeerNetwork,
  type PeerReply,
} from "../src/entries/peers.ts";

/** The fate of a message: delivered, lost (its sender finds out at once), or decided later. */
export type Fate = boolean | Promise<boolean>;

/** Decides the fate of one message from one node to another. */
export type Delivery = (
  from: NodeName,
  to: NodeName,
  message: Uint8Array,
  direction: "request" | "answer",
) => Fate;

/**
 * A network within one process. The test decides which messages are late or lost, to bring about
 * orders of events that sockets would show once in a thousand times.
 */
export class PeerHub {
  readonly #handlers = new Map<NodeName, PeerHandler>();
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #requests = 0;
  delivery: Delivery = () => true;
  /** The silence, in ms, of a node whose message is lost or late. */
  silentMs = 0;
  /** Makes `nodes()` return no node, as a network does whose nodes are all silent. */
  hidesNodes = false;

  join(onName: (name: NodeName) => void = () => {}): PeerNetwork {
    let name: NodeName = "";
    const others = (): NodeName[] => [...this.#handlers.keys()].filter((other) => other !== name);
    const ask: PeerNetwork["ask"] = (node, request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(this.#silent), { once: true });
        if (signal.aborted) resolve(this.#silent);
        void this.#exchange(name, node, request).then(resolve);
      });
    return {
      open: (own, handler) => {
        name = own;
        onName(own);
        this.#handlers.set(own, handler);
      },
      nodes: async () => (this.hidesNodes ? [] : others()),
      ask,
      askOthers: (request, except, signal) =>
        firstReply(
          others()
            .filter((other) => other !== except)
            .map((node) => ask(node, request, signal)),
        ),
      close: async () => void this.#handlers.delete(name),
    };
  }

  /** Resolves once `count` requests have been sent since the hub was created. */
  requestsSent(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#requests >= count) resolve();
      else this.#waiting.push({ count, resolve });
    });
  }

  async #exchange(from: NodeName, to: NodeName, request: Uint8Array): Promise<PeerReply> {
    const handler = this.#handlers.get(to);
    this.#requests += 1;
    for (const { count, resolve } of this.#waiting) if (count <= this.#requests) resolve();
    if (handler === undefined) return { status: "gone" };
    if (!(await this.delivery(from, to, request, "request"))) return this.#silent;
    const answer = await handler(request);
    const isDelivered = answer === undefined || (await this.delivery(to, from, answer, "answer"));
    return isDelivered ? { status: "answered", answer } : this.#silent;
  }

  get #silent(): PeerReply {
    return { status: "silent", silentMs: this.silentMs };
  }
}
