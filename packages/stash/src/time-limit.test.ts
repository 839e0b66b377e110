import { createServer, type Server, type Socket } from "node:net";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startTimeLimit } from "./time-limit.ts";

let server: Server | undefined;
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

/** Connects to a server in this process, which sends its answer before a test stalls the event loop. */
async function socketWithAnswer(): Promise<Socket> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.write("answer");
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  const socket = connect(address.port, "127.0.0.1");
  sockets.push(socket);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

function stall(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

describe("startTimeLimit", () => {
  it("calls onOver after the limit", async () => {
    const startedMs = performance.now();
    await new Promise<void>((resolve) => void startTimeLimit(20, resolve));
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(19);
  });

  it("does not call onOver after it was cancelled, even between the timer and the poll phase", async () => {
    const calls: string[] = [];
    const end = startTimeLimit(1, () => calls.push("over"));
    await new Promise((resolve) => setTimeout(resolve, 1));
    end();
    end();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls).toEqual([]);
  });

  it("accepts an answer that came during a stall of the event loop", async () => {
    const socket = await socketWithAnswer();
    const outcome = new Promise<string>((resolve) => {
      const end = startTimeLimit(30, () => resolve("over"));
      socket.once("data", () => {
        end();
        resolve("answered");
      });
    });
    stall(100);
    expect(await outcome).toBe("answered");
  });

  it("is extended by the length of a stall, once", async () => {
    const startedMs = performance.now();
    const over = new Promise<void>((resolve) => void startTimeLimit(100, resolve));
    stall(200);
    await over;
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
  });
});
