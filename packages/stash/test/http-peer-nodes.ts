import {
  type HttpPeers,
  type NodeName,
  type PeerHandler,
  type PeerReply,
  peersOverHttp,
} from "../src/entries/peers.ts";
import { afterEach } from "vitest";
import { SECRET } from "./fake-page.ts";

export const OTHER_SECRET = "another secret of the tests, or an older one";

export const ONE: NodeName = "AAAAAAAAAAA";
export const TWO: NodeName = "BBBBBBBBBBA";
export const THREE: NodeName = "CCCCCCCCCCA";

/** Answers with the request. */
export const echo: PeerHandler = (request) => Buffer.concat([Buffer.from("echo "), request]);
/** Returns a signal that never aborts. */
export const never = (): AbortSignal => new AbortController().signal;
/** Returns the answer in a reply as text, or the status without an answer. */
export const text = (reply: PeerReply): string =>
  reply.status === "answered" && reply.answer !== undefined
    ? Buffer.from(reply.answer).toString()
    : reply.status;

export interface NodeOptions {
  readonly name?: NodeName;
  readonly port?: number;
  readonly nodes?: readonly string[];
  readonly secret?: string | readonly string[];
  readonly answer?: PeerHandler;
}

/** Starts a node that others reach over HTTP. */
export type StartNode = (options?: NodeOptions) => Promise<HttpPeers & { readonly url: string }>;

/** Closes the nodes that a test starts, and everything in `closing`, after the test. */
export function useHttpPeerNodes(): {
  readonly start: StartNode;
  readonly closing: (() => Promise<unknown>)[];
} {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const start: StartNode = async (options = {}) => {
    const { name = ONE, port = 0, nodes = [], secret = SECRET, answer = echo } = options;
    const network = peersOverHttp({ nodes, secret, listen: { port, host: "127.0.0.1" } });
    await network.open(name, answer);
    closing.push(() => network.close());
    const url = `http://127.0.0.1:${network.port}`;
    return {
      ...network,
      url,
      get port() {
        return network.port;
      },
    };
  };
  return { start, closing };
}
