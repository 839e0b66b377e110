import { subscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Bytes that sockets have read and written since the start, headers and framing included. */
export interface SocketBytes {
  readonly in: number;
  readonly out: number;
}

/** Counts the bytes of users: those at the sockets of an HTTP server. */
export function countServerBytes(server: Server): () => SocketBytes {
  const counter = new SocketCounter();
  server.on("connection", (socket) => counter.add(socket));
  return () => counter.total();
}

/**
 * Counts the bytes between nodes: those of TCP connections from or to these ports. They are counted at
 * the sockets, because adapters do not report their traffic between nodes.
 */
export function countPeerBytes(ports: readonly number[]): () => SocketBytes {
  const counter = new SocketCounter();
  const addPeer = (socket: Socket): void => {
    const { localPort, remotePort } = socket;
    if (ports.some((port) => port === localPort || port === remotePort)) counter.add(socket);
  };
  subscribe("net.server.socket", (message) => addPeer((message as SocketMessage).socket));
  subscribe("net.client.socket", (message) => {
    const { socket } = message as SocketMessage;
    socket.once("connect", () => addPeer(socket));
  });
  return () => counter.total();
}

/** The message that `node:net` publishes for each socket that it opens or accepts. */
interface SocketMessage {
  readonly socket: Socket;
}

class SocketCounter {
  readonly #open = new Set<Socket>();
  readonly #closed = { in: 0, out: 0 };

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#closed.in += socket.bytesRead;
      this.#closed.out += socket.bytesWritten;
    });
  }

  total(): SocketBytes {
    const total = { ...this.#closed };
    for (const socket of this.#open) {
      total.in += socket.bytesRead;
      total.out += socket.bytesWritten;
    }
    return total;
  }
}
