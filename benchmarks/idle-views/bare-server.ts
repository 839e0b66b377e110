import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { reportMemoryOn } from "./report-memory.ts";

// The control: sockets that have received and answered one message, as with any server that uses ws.
const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
sockets.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => socket.send(data.toString()));
  socket.on("close", () => undefined);
});
server.listen(0, "127.0.0.1", () => {
  reportMemoryOn((server.address() as AddressInfo).port);
});
