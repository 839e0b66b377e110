import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Bytes that a server's sockets have read and written since its start, over HTTP and WebSocket. */
export interface SocketBytes {
  readonly in: number;
  readonly out: number;
}

/** Counts the bytes at a server's sockets, headers and framing included. */
export function countSocketBytes(server: Server): () => SocketBytes {
  const open = new Set<Socket>();
  const closed = { in: 0, out: 0 };
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      closed.in += socket.bytesRead;
      closed.out += socket.bytesWritten;
    });
  });
  return () => {
    const total = { ...closed };
    for (const socket of open) {
      total.in += socket.bytesRead;
      total.out += socket.bytesWritten;
    }
    return total;
  };
}
