import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A proxy to a port on 127.0.0.1 that counts the forwarded bytes. */
export interface CountingProxy {
  readonly port: number;
  /** The TCP payload sent so far in both directions. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** Starts a proxy on a free port. It calls `targetPort` for each connection. */
export async function startCountingProxy(targetPort: () => number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const forward = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      to.write(chunk);
    });
    from.once("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on("error", () => to.destroy());
  };
  const server = createServer((client) => {
    const target = connect(targetPort(), "127.0.0.1");
    forward(client, target);
    forward(target, client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a port.");
  return {
    port: address.port,
    get bytes() {
      return bytes;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
