import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that Linux (from 32768) and macOS (from 49152) use for outgoing connections. */
const FIRST_PORT = 10_000;
const LAST_PORT = 29_999;
const MAX_TRIES = 100;

/**
 * Finds a TCP port that nothing listens on, for a server that cannot choose one itself. The system does
 * not use the port for outgoing connections, which would take it again at any time.
 *
 * Another process may still take the port first. Prefer port 0 for a server that prints its actual port.
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
