import { connect } from "node:net";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type NatsNode, startNats } from "./start-nats.ts";
import { startNatsCluster } from "./start-nats-cluster.ts";

let server: NatsNode | undefined;
afterEach(() => server?.close());

/** Receives the first message of a server. */
async function greeting({ port }: Pick<NatsNode, "port">): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const [chunk] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return chunk.toString();
}

test("a NATS server that is stopped and started again has the same port", async () => {
  server = await startNats();
  expect(await greeting(server)).toMatch(/^INFO .*"jetstream":true/);
  await server.stop("SIGKILL");
  await expect(greeting(server)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await server.start();
  expect(await greeting(server)).toMatch(/^INFO /);
});

test("a frozen NATS server sends nothing until it is resumed, and can be stopped", async () => {
  server = await startNats();
  server.pause();
  const greeted = greeting(server);
  // The system accepts connections itself: a greeting would arrive well before the next connection is open.
  const other = connect(server.port, "127.0.0.1");
  await once(other, "connect");
  expect(other.bytesRead).toBe(0);
  other.destroy();
  server.resume();
  expect(await greeted).toMatch(/^INFO /);
  server.pause();
  await server.stop();
});

test("one of three NATS servers can be cut off from the others", async () => {
  const cluster = await startNatsCluster();
  try {
    const [first] = cluster.servers;
    const between = (): number => cluster.routes.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(between()).toBeGreaterThan(0);
    // Two servers that connect to each other at the same moment have two routes until they drop one.
    const routes = (): number => cluster.routes.reduce((sum, one) => sum + one.connections, 0);
    await expect.poll(routes, { timeout: 20_000 }).toBe(3);
    first?.isolate();
    expect(await greeting(first ?? { port: 0 })).toMatch(/^INFO .*"server_name":"n1"/);
    // The other two notice that it does not answer, or elect a leader without it.
    const before = between();
    await expect.poll(between, { timeout: 20_000 }).toBeGreaterThan(before);
    first?.rejoin();
  } finally {
    await cluster.close();
  }
});
