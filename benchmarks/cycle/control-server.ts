// The control: answers a page load, a join and an event with recorded answers, and does nothing else.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { type Answers, ANSWERS_VARIABLE } from "./answers.ts";

const answers = JSON.parse(process.env[ANSWERS_VARIABLE] ?? "") as Answers;

const server = createServer((_request, response) => {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "set-cookie": answers.setCookie,
  });
  response.end(answers.document);
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
sockets.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    const [joinRef, ref, topic, event] = JSON.parse(data.toString()) as string[];
    const payload = event === "phx_join" ? answers.join : answers.event;
    socket.send(`["${joinRef}","${ref}","${topic}","phx_reply",${payload}]`);
  });
  socket.on("close", () => undefined);
});

// Serves its CPU time on a port of its own, as a node of the lab does.
const control = createServer((_request, response) => {
  const { user, system } = process.cpuUsage();
  response.end(JSON.stringify({ cpuMs: (user + system) / 1000 }));
});

async function portOf(each: Server): Promise<number> {
  await once(each.listen(0, "127.0.0.1"), "listening");
  return (each.address() as AddressInfo).port;
}

console.log(`ready on port ${await portOf(server)}, control port ${await portOf(control)}`);
