import { Socket } from "node:net";
import type { Duplex } from "node:stream";

const KEEP_ALIVE_MS = 30_000;

/** Prepares the socket of a connection that is to last; `head` came already. */
export function prepareSocket(stream: Duplex, head: Buffer): void {
  // What ends it is seen by its "close".
  stream.on("error", () => {});
  stream.on("end", () => stream.destroy());
  if (head.length > 0) stream.unshift(head);
  if (!(stream instanceof Socket)) return;
  // Whoever waits for an answer has a timer, and whoever answers has a server.
  stream.unref();
  stream.setTimeout(0);
  stream.setNoDelay(true);
  stream.setKeepAlive(true, KEEP_ALIVE_MS);
}
