import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { PeerAddress } from "./peer-address.ts";
import type { PeerHellos, PeerSession } from "./hellos.ts";
import { HELLO_HEADER, PEER_PROTOCOL } from "./peer-protocol.ts";
import type { NodeName } from "../peer-network.ts";

/** What came of it; `refused`: nobody listens there, `stranger`: no peer does, `failed`: it broke off. */
export type ConnectOutcome =
  | {
      readonly kind: "connected";
      readonly socket: Socket;
      readonly head: Buffer;
      readonly session: PeerSession;
    }
  | { readonly kind: "refused" | "stranger" | "failed" | "aborted" };

/** Says hello at an address. Never rejects. */
export function connectToPeer(
  { target }: PeerAddress,
  hellos: PeerHellos,
  self: NodeName,
  signal: AbortSignal,
): Promise<ConnectOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: "aborted" });
    const hello = hellos.hello(self);
    const request = httpRequest({
      ...target,
      agent: false,
      headers: {
        connection: "Upgrade",
        upgrade: PEER_PROTOCOL,
        [HELLO_HEADER]: hello.toString("base64url"),
      },
    });
    const abort = (): void => {
      request.destroy();
      settle({ kind: "aborted" });
    };
    const settle = (outcome: ConnectOutcome): void => {
      signal.removeEventListener("abort", abort);
      resolve(outcome);
    };
    signal.addEventListener("abort", abort, { once: true });
    request.once("upgrade", ({ headers }, socket: Socket, head) => {
      const answer = headers[HELLO_HEADER];
      const session =
        typeof answer === "string"
          ? hellos.openAnswer(hello, Buffer.from(answer, "base64url"))
          : undefined;
      if (session !== undefined && !signal.aborted) {
        return settle({ kind: "connected", socket, head, session });
      }
      socket.destroy();
      settle({ kind: "stranger" });
    });
    request.once("response", ({ statusCode = 0 }) => {
      request.destroy();
      // A proxy in front of it says that a node does not answer.
      settle({ kind: statusCode === 502 || statusCode === 504 ? "failed" : "stranger" });
    });
    request.on("error", ({ code }: NodeJS.ErrnoException) => {
      const isNobody = code === "ECONNREFUSED" || code === "ENOENT";
      settle({ kind: isNobody ? "refused" : "failed" });
    });
    request.end();
  });
}
