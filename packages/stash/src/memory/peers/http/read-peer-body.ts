import type { IncomingMessage } from "node:http";
import { MAX_PEER_MESSAGE_BYTES } from "../peer-network.ts";
import { REQUEST_OVERHEAD_BYTES } from "./peer-envelope.ts";

export const CONTENT_TYPE = "application/octet-stream";

const MAX_BODY_BYTES = MAX_PEER_MESSAGE_BYTES + REQUEST_OVERHEAD_BYTES;

/** What is wrong with a request before any of its body is looked at, as an HTTP status. */
export function faultOf(request: IncomingMessage): number | undefined {
  if (request.method !== "POST") return 405;
  if (request.headers["content-type"] !== CONTENT_TYPE) return 415;
  const length = request.headers["content-length"];
  if (length === undefined) return 411;
  return Number(length) > MAX_BODY_BYTES ? 413 : undefined;
}

/**
 * The body, or `undefined` if its sender went away, or `isWelcome` said no to its first bytes: it is
 * asked as soon as there are `headBytes`, so that a stranger's body is never collected.
 */
export function readPeerBody(
  request: IncomingMessage,
  headBytes: number,
  isWelcome: (head: Buffer) => boolean,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let isChecked = false;
    const stop = (): void => {
      request.off("data", receive);
      request.resume();
      resolve(undefined);
    };
    const receive = (chunk: Buffer): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (isChecked || length < headBytes) return;
      chunks = [Buffer.concat(chunks)];
      isChecked = true;
      if (chunks[0] === undefined || !isWelcome(chunks[0])) stop();
    };
    request.on("data", receive);
    request.once("end", () => resolve(isChecked ? Buffer.concat(chunks, length) : undefined));
    request.once("close", stop);
    request.once("error", stop);
  });
}
