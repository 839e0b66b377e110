import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@live-stash/test-servers";
import { StashError } from "live-stash";
import { expect, test, vi } from "vitest";
import { createCloser } from "../../../stash-contract/test/create-closer.ts";
import { creation, newId } from "../../../stash-contract/test/requests.ts";
import { createNatsAdapter } from "../nats-adapter.ts";
import type { StartNatsServerOptions } from "./server-options.ts";
import { type NatsServer, startNatsServer } from "./start-nats-server.ts";

const willClose = createCloser();

async function start(options: StartNatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer({ port: 0, ...options });
  return willClose(server, () => server.stop());
}

test("a server on a free port ends when it is stopped, and may be stopped twice", async () => {
  const server = await start({});
  expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
  expect(server.clusterPort).toBeUndefined();
  await server.stop();
  await server.stop();
  expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
});

test(
  "three servers join each other as peers, and keep three copies",
  { timeout: 60_000 },
  async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const token = 'a token: with "no" quotes'.replaceAll('"', "'");
    const servers = await Promise.all(
      ports.map((clusterPort) =>
        start({
          clusterPort,
          token,
          peers: ports.filter((port) => port !== clusterPort).map((port) => `127.0.0.1:${port}`),
        }),
      ),
    );
    const urls = servers.map(({ url }) => url);
    const adapter = createNatsAdapter({ servers: urls, token, replicas: 3, timeoutMs: 10_000 });
    willClose(adapter, () => adapter.close());
    await adapter.connect();
    expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
  },
);

test("if nats-server is missing, the error names the package to install", async () => {
  const error = await start({ binary: "no-such-nats-server" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StashError);
  expect(error).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringMatching(/no-such-nats-server.*apt-get install nats-server/) as string,
    cause: { code: "ENOENT" },
  });
});

test("the error for a server that does not start contains its output", async () => {
  const { port } = await start({});
  const error = await start({ port }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("address already in use") as string,
  });
});

test("lines of `jetstreamConfig` reach the `jetstream` block of the configuration", async () => {
  const program: string = "nats-server";
  const version = execFileSync(program, ["--version"]).toString();
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const started = start({ jetstreamConfig: ["sync_interval: always"] });
  if (major > 2 || minor >= 10) {
    expect((await started).port).toBeGreaterThan(0);
  } else {
    // An older server refuses the unknown setting instead of acknowledging too early.
    await expect(started).rejects.toMatchObject({
      code: "adapter_unavailable",
      message: expect.stringContaining('unknown field "sync_interval"') as string,
    });
  }
});

test("the server ends with its application, even if SIGKILL ends that", async () => {
  const folder = mkdtempSync(join(tmpdir(), "live-stash-parent-"));
  willClose(folder, () => rmSync(folder, { recursive: true, force: true }));
  const source = new URL("./start-nats-server.ts", import.meta.url).href;
  const program = `
    const { startNatsServer } = await import(${JSON.stringify(source)});
    const { pid } = await startNatsServer({ port: 0, storeDir: ${JSON.stringify(folder)} });
    console.log(pid);`;
  const args = ["--conditions=@live-stash/source", "--import", "tsx", "--input-type=module"];
  const parent = spawn(process.execPath, [...args, "-e", program], {
    cwd: new URL("../../../..", import.meta.url),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(printed.toString());
  expect(existsSync(`/proc/${pid}`)).toBe(true);

  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 15_000 });
});

test.each<[string, unknown]>([
  ["port", { port: -1 }],
  ["clusterPort", { clusterPort: 65_536 }],
  ["peers", { peers: "10.0.0.1:6222" }],
  ["peers", { peers: ["nats://10.0.0.1:6222"] }],
  ["token", { token: 'a"b' }],
  ["name", { name: "" }],
  ["maxMemoryBytes", { maxMemoryBytes: 0 }],
  ["config", { config: [4] }],
  ["jetstreamConfig", { jetstreamConfig: "sync_interval: always" }],
  ["clusterport", { clusterport: 1 }],
])("startNatsServer() rejects an invalid option `%s`: %j", async (option, options) => {
  const error = await startNatsServer(options as StartNatsServerOptions).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining(`invalid option "${option}"`) as string,
  });
});
