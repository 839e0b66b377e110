import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below what Linux (from 32768 on) and macOS (from 49152 on) take for outgoing connections. */
const FIRST_PORT = 10_000;
const LAST_PORT = 29_999;
const MAX_TRIES = 100;

/**
 * A TCP port of an address, by default 127.0.0.1, that nothing listens on, for a server that cannot choose one itself. It is
 * not one of those that the system gives to outgoing connections: those are taken again at any time.
 *
 * Another process may take it before your server does. Where a server accepts port 0 and prints the
 * port that it got, prefer that.
 */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const server = createServer().listen(port, host);
    try {
      await once(server, "listening");
      server.close();
      await once(server, "close");
      return port;
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
    }
  }
}
