import { createServer } from "node:net";

/**
 * A TCP port on 127.0.0.1 that nothing listens on, for a server that cannot choose one itself.
 *
 * Another process may take it before your server does. Where a server accepts port 0 and prints the
 * port that it got, prefer that.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("Asked the system for a free TCP port and got none."));
      });
    });
  });
}
