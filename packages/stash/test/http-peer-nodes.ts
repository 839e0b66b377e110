import {
  type HttpPeers,
  type NodeName,
  type PeerHandler,
  type PeerReply,
  peersOverHttp,
} from "../src/peers.ts";
import { afterEach } from "vitest";
import { SECRET } from "./fake-page.ts";

export const OTHER_SECRET = "another secret of the tests, or an older one";

export const ONE: NodeName = "AAAAAAAAAAA";
export const TWO: NodeName = "BBBBBBBBBBA";
export const THREE: NodeName = "CCCCCCCCCCA";

/** Answers with what it is asked. */
export const echo: PeerHandler = (request) => Buffer.concat([Buffer.from("echo "), request]);
/** The signal of a lookup that is never over. */
export const never = (): AbortSignal => new AbortController().signal;
/** The answer in a reply, as text; without an answer, the status. */
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

/** Starts a node that others find over HTTP. */
export type StartNode = (options?: NodeOptions) => Promise<HttpPeers & { readonly url: string }>;

/** What a test starts, and whatever else is in `closing`, is closed after it. */
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
