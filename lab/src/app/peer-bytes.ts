import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Bytes from and to other nodes, over connections that either side opened. */
export interface PeerBytes {
  readonly in: number;
  readonly out: number;
}

/** The message that `node:net` publishes for each socket that it opens or accepts. */
interface SocketMessage {
  readonly socket: Socket;
}

/**
 * Counts the bytes on TCP connections from or to these ports. They are counted at the sockets, because
 * adapters do not report their traffic between nodes.
 */
export function countPeerBytes(ports: readonly number[]): () => PeerBytes {
  const open = new Set<Socket>();
  const closed = { in: 0, out: 0 };
  const isPeers = ({ localPort, remotePort }: Socket): boolean =>
    ports.some((port) => port === localPort || port === remotePort);
  const watch = (socket: Socket): void => {
    if (!isPeers(socket)) return;
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      closed.in += socket.bytesRead;
      closed.out += socket.bytesWritten;
    });
  };
  subscribe("net.server.socket", (message) => watch((message as SocketMessage).socket));
  subscribe("net.client.socket", (message) => {
    const { socket } = message as SocketMessage;
    socket.once("connect", () => watch(socket));
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
