import { type HttpPeers, type NodeName, type PeerHandler, peersOverHttp } from "../src/index.ts";
import { SECRET } from "./fake-page.ts";

export const ONE: NodeName = "AAAAAAAAAAA";
export const TWO: NodeName = "BBBBBBBBBBA";
export const THREE: NodeName = "CCCCCCCCCCA";

/** Answers with what it is asked. */
export const echo: PeerHandler = (request) => Buffer.concat([Buffer.from("echo "), request]);
/** The signal of a lookup that is never over. */
export const never = (): AbortSignal => new AbortController().signal;
export const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

export interface NodeOptions {
  readonly name?: NodeName;
  readonly port?: number;
  readonly nodes?: readonly string[];
  readonly secret?: string | readonly string[];
  readonly answer?: PeerHandler;
}

/** Nodes that know each other over HTTP, and whatever else a test has to close after it. */
export class HttpPeerNodes {
  readonly closing: (() => Promise<unknown>)[] = [];

  async start(options: NodeOptions = {}): Promise<HttpPeers & { readonly url: string }> {
    const { name = ONE, port = 0, nodes = [], secret = SECRET, answer = echo } = options;
    const network = peersOverHttp({ nodes, secret, listen: { port, host: "127.0.0.1" } });
    await network.open(name, answer);
    this.closing.push(() => network.close());
    const url = `http://127.0.0.1:${network.port}`;
    return {
      ...network,
      url,
      get port() {
        return network.port;
      },
    };
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0)) await close();
  }
}
