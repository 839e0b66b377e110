import type { NodeName, PeerHandler, PeerNetwork } from "../src/index.ts";

/** What becomes of a message: `false` loses it, a promise delays it. */
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

  join(named: (name: NodeName) => void = () => {}): PeerNetwork {
    let name: NodeName = "";
    const others = (): NodeName[] => [...this.#handlers.keys()].filter((other) => other !== name);
    const ask: PeerNetwork["ask"] = (node, request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(undefined), { once: true });
        if (signal.aborted) resolve(undefined);
        void this.#exchange(name, node, request).then(resolve);
      });
    return {
      open: (own, handler) => {
        name = own;
        named(own);
        this.#handlers.set(own, handler);
      },
      nodes: async () => others(),
      ask,
      askOthers: (request, except, signal) =>
        new Promise((resolve) => {
          const asked = others().filter((other) => other !== except);
          let left = asked.length;
          if (left === 0) resolve(undefined);
          for (const node of asked) {
            void ask(node, request, signal).then((answer) => {
              left -= 1;
              if (answer !== undefined || left === 0) resolve(answer);
            });
          }
        }),
      close: async () => void this.#handlers.delete(name),
    };
  }

  async #exchange(
    from: NodeName,
    to: NodeName,
    request: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    const handler = this.#handlers.get(to);
    this.messages += 1;
    if (handler === undefined || !(await this.delivery(from, to, request, "request"))) {
      return undefined;
    }
    const answer = await handler(request);
    if (answer === undefined || !(await this.delivery(to, from, answer, "answer"))) {
      return undefined;
    }
    return answer;
  }
}
