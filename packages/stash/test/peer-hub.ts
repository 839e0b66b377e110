import type { NodeName, PeerHandler, PeerNetwork, PeerReply } from "../src/peers.ts";
import { firstReply } from "../src/peers/bounded.ts";

/** What becomes of a message: `false` loses it, which its sender finds out at once; a promise delays it. */
export type Fate = boolean | Promise<boolean>;

/** Decides about one message from one node to another. */
export type Delivery = (
  from: NodeName,
  to: NodeName,
  message: Uint8Array,
  way: "request" | "answer",
) => Fate;

/**
 * A network within one process whose messages are as late, or as lost, as the test wants: to bring
 * about orders of events that sockets would show once in a thousand times.
 */
export class PeerHub {
  readonly #handlers = new Map<NodeName, PeerHandler>();
  delivery: Delivery = () => true;
  messages = 0;
  /** For how long a node whose message is lost, or late, has been silent, in ms. */
  silentMs = 0;
  /** No node is known to be reached at the moment. */
  hidesSilent = false;

  join(named: (name: NodeName) => void = () => {}): PeerNetwork {
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
        named(own);
        this.#handlers.set(own, handler);
      },
      nodes: async () => (this.hidesSilent ? [] : others()),
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

  async #exchange(from: NodeName, to: NodeName, request: Uint8Array): Promise<PeerReply> {
    const handler = this.#handlers.get(to);
    this.messages += 1;
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
