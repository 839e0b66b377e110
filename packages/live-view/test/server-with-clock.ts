import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createLiveServer, type LiveServerOptions } from "../src/index.ts";
import { handleUpgrade } from "../src/transport/upgrade.ts";
import {
  createWebSocketTransport,
  type WebSocketTransport,
} from "../src/transport/websocket-transport.ts";
import { SECRET } from "./test-server.ts";

/** Starts a server whose monotonic clock a test moves, and which closes idle sockets when a test calls it. */
export async function startServerWithClock(
  options: Omit<LiveServerOptions, "monotonicNow" | "secret" | "logger">,
): Promise<{ clock: { ms: number }; transport: WebSocketTransport; lines: string[]; url: string }> {
  const clock = { ms: 0 };
  const lines: string[] = [];
  const { runtime, handler } = createLiveServer({
    secret: SECRET,
    monotonicNow: () => clock.ms,
    logger: { error: (line) => void lines.push(line), warn: (line) => void lines.push(line) },
    ...options,
  });
  const transport = createWebSocketTransport(runtime);
  const server = createServer((request, response) => handler(request, response));
  server.on("upgrade", (request, stream, head) => {
    void handleUpgrade(runtime, transport, request, stream, head);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    await transport.drain(10, 1, 1000);
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { clock, transport, lines, url };
}
