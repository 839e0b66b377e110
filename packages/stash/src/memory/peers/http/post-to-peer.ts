import { type Agent, type IncomingMessage, request as httpRequest } from "node:http";
import { MAX_PEER_MESSAGE_BYTES } from "../peer-network.ts";
import { isTimeOut } from "../within.ts";
import type { PeerAddress } from "./peer-address.ts";
import { REQUEST_OVERHEAD_BYTES } from "./peer-envelope.ts";
import { CONTENT_TYPE } from "./read-peer-body.ts";

/** What came of a request; `isStale`: its connection had been closed by the peer before. */
export type PostOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly body: Buffer }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly isStale: boolean }
  | { readonly kind: "aborted" };

/**
 * So long the answer to a request is still read that is not wanted any more, in ms: a new connection
 * costs the peer more than an answer, as it accepts one in each turn of its event loop.
 */
const FINISHING_MS = 1_000;

/** Posts bytes to a peer. Never rejects. */
export function postToPeer(
  agent: Agent,
  { target }: PeerAddress,
  body: Buffer,
  signal: AbortSignal,
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: "aborted" });
    const request = httpRequest({
      ...target,
      agent,
      method: "POST",
      headers: { "content-type": CONTENT_TYPE, "content-length": body.length },
    });
    // Connections persist in HTTP/1.1 without being told to.
    request.removeHeader("connection");
    let finishing: NodeJS.Timeout | undefined;
    const abort = (): void => {
      if (isTimeOut(signal)) request.destroy();
      else finishing = setTimeout(() => request.destroy(), FINISHING_MS).unref();
      settle({ kind: "aborted" });
    };
    request.once("close", () => clearTimeout(finishing));
    const settle = (outcome: PostOutcome): void => {
      signal.removeEventListener("abort", abort);
      resolve(outcome);
    };
    signal.addEventListener("abort", abort, { once: true });
    request.once("response", (response) => {
      void read(response).then((answer) =>
        settle(
          answer === undefined
            ? { kind: "failed", isStale: false }
            : { kind: "answered", status: response.statusCode ?? 0, body: answer },
        ),
      );
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const isNobody = error.code === "ECONNREFUSED" || error.code === "ENOENT";
      settle(isNobody ? { kind: "refused" } : { kind: "failed", isStale: request.reusedSocket });
    });
    request.end(body);
  });
}

/** `undefined`: it broke off, or is larger than any answer. */
function read(response: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let left = MAX_PEER_MESSAGE_BYTES + REQUEST_OVERHEAD_BYTES;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      left -= chunk.length;
      if (left < 0) response.destroy();
    });
    response.once("end", () => resolve(Buffer.concat(chunks)));
    response.once("close", () => resolve(undefined));
    response.once("error", () => resolve(undefined));
  });
}
