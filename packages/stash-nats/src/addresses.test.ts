import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { freePort, startNats } from "@live-stash/test-servers";
import { nkeys } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import { creation, loading, newId, RECORD } from "../../stash-contract/test/requests.ts";
import { createNatsAdapter } from "./nats-adapter.ts";
import type { NatsAdapterOptions } from "./nats-options.ts";
import { peersOverNats } from "./peers/peers-over-nats.ts";
import { type NatsServer, startNatsServer } from "./server/start-nats-server.ts";
import type { StartNatsServerOptions } from "./server/server-options.ts";

const willClose = createCloser();
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === "::1");

async function savesAndLoads(options: NatsAdapterOptions): Promise<void> {
  const adapter = createNatsAdapter({ timeoutMs: 20_000, ...options });
  willClose(adapter, () => adapter.close());
  const id = newId();
  expect(await adapter.save(creation(id))).toEqual({ status: "saved" });
  expect(await adapter.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
}

async function start(options: StartNatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer({ port: 0, ...options });
  return willClose(server, () => server.stop());
}

describe.skipIf(!hasIPv6)("on an IPv6 address", () => {
  test.each(["::1", "[::1]"])(
    "a server that was started on %s accepts clients at its url",
    async (host) => {
      const server = await start({ host });
      expect(server.url).toBe(`nats://[::1]:${server.port}`);

      await savesAndLoads({ servers: server.url });
      await savesAndLoads({ servers: `[::1]:${server.port}` });
    },
  );

  test("a server accepts a token, a user with a password, and an nkey", async () => {
    const token = "a token: it's [::1]";
    await savesAndLoads({ servers: (await start({ host: "::1", token })).url, token });
    const key = nkeys.createUser();
    const users = ['{ user: app, password: "p@ss/w:rd" }', `{ nkey: ${key.getPublicKey()} }`].join(
      ", ",
    );
    const server = await start({ host: "::1", config: [`authorization { users: [${users}] }`] });
    await savesAndLoads({ servers: server.url, user: "app", pass: "p@ss/w:rd" });
    const nkeySeed = Buffer.from(key.getSeed()).toString();
    await savesAndLoads({ servers: server.url, nkeySeed });
  });

  test("a server accepts TLS clients, with a certificate for the address", async () => {
    const server = await startNats({ host: "::1", tls: true });
    willClose(server, () => server.close());
    expect(server.url).toBe(`tls://[::1]:${server.port}`);

    await savesAndLoads({ servers: server.url, tls: { ca: server.ca ?? "" } });
  });

  test("the peers of memory adapters find each other", async () => {
    const { url } = await start({ host: "::1" });
    const secret = "a secret of the tests, not of an application";
    const [one, two] = [
      peersOverNats({ servers: url, secret }),
      peersOverNats({ servers: url, secret }),
    ];
    for (const peers of [one, two]) willClose(peers, () => peers.close());
    const names = [1, 2].map(() => randomBytes(8).toString("base64url"));
    await one.open(names[0] ?? "", () => undefined);
    await two.open(names[1] ?? "", () => undefined);
    expect(await two.nodes(new AbortController().signal)).toEqual(names.slice(0, 1));
  });

  test(
    "three servers join each other with a token, and keep three copies",
    { timeout: 60_000 },
    async () => {
      const ports = [await freePort("::1"), await freePort("::1"), await freePort("::1")];
      const token = "a token of the tests";
      const servers = await Promise.all(
        ports.map((clusterPort) =>
          start({
            host: "::1",
            clusterPort,
            token,
            peers: ports.filter((port) => port !== clusterPort).map((port) => `[::1]:${port}`),
          }),
        ),
      );
      const adapter = createNatsAdapter({
        servers: servers.map(({ url }) => url),
        token,
        replicas: 3,
        timeoutMs: 10_000,
      });
      willClose(adapter, () => adapter.close());
      await adapter.connect();
      expect(await adapter.save(creation(newId()))).toEqual({ status: "saved" });
    },
  );
});

test.each(["::1:6222", "fd00::2", "[fd00::2]", "[fd00::2]:"])(
  "startNatsServer() rejects a peer whose port is ambiguous or missing: %s",
  async (peer) => {
    await expect(startNatsServer({ peers: [peer] })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("[fd00::2]:6222") as string,
    });
  },
);
