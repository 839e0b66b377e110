import { DiscardPolicy } from "@nats-io/jetstream";
import { connect, nkeys } from "@nats-io/transport-node";
import { createManualClock } from "@live-stash/contract";
import { StashError } from "live-stash";
import { describe, expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import {
  creation,
  keeping,
  loading,
  newId,
  ONE,
  RECORD,
  TWO,
} from "../../stash-contract/test/requests.ts";
import { type NatsLab, useNatsLab } from "../test/nats-lab.ts";

/** The time limit of an event, because other processes may use most of the CPU. */
const SOON = { timeout: 15_000 };

const openLab = useNatsLab();
const willClose = createCloser();
const SECRET = "a secret of the tests, not of an application";

/** Returns the number of stored messages, without probes. */
async function storedBesidesProbes(lab: NatsLab): Promise<number> {
  const { state } = await (await lab.streams()).info("ls", { subjects_filter: "ls.p" });
  return state.last_seq - (state.subjects?.["ls.p"] ?? 0);
}

/** Returns the error of a call that must fail. */
async function errorOf(call: unknown): Promise<StashError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StashError) return error;
    throw error;
  }
  throw new Error("Expected a StashError, got an answer.");
}

describe("the adapter's messages", () => {
  test("a save, a load, a final deadline and a forget are one message each, and a load reads nothing", async () => {
    const lab = await openLab();
    const [first, second] = [lab.node(), lab.node()];
    await Promise.all([first.connect(), second.connect()]);
    const id = newId();
    await first.save(creation(id));
    await vi.waitFor(() => expect(second.figures().mirror.entries).toBe(1), SOON);
    expect(await second.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    await second.keepAlive([keeping(id, { owner: TWO, expiresAtMs: Date.now() + 30_000 })]);
    expect(await second.forget({ id, owner: TWO })).toBe("forgotten");

    expect(await storedBesidesProbes(lab)).toBe(4);
  });

  test("servers are not asked to acknowledge messages whose echoes arrive", async () => {
    const lab = await openLab();
    const client = await connect({ servers: lab.server.url });
    willClose(client, () => client.close());
    const node = lab.node();
    await node.connect();
    const acknowledged: unknown[] = [];
    client.subscribe("ls.r.>", {
      callback(_, message) {
        acknowledged.push(message.json());
      },
    });
    await client.flush();
    const ids = Array.from({ length: 20 }, newId);
    for (const id of ids) {
      await node.save(creation(id));
      await node.load(loading(id));
    }
    await client.flush();

    // On a busy machine an echo may be late, and the node then asks the servers.
    expect(acknowledged.length).toBeLessThan(ids.length);
  });

  test("during an outage repeated saves of a stash send one message", async () => {
    const lab = await openLab();
    const node = lab.node({ timeoutMs: 150 });
    await node.connect();
    const id = newId();
    await node.save(creation(id));
    lab.server.pause();
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await errorOf(node.save(creation(id, { create: false })))).code).toMatch(/^adapter_/);
    }
    lab.server.resume();

    const subjects_filter = `ls.s.*`;
    await vi.waitFor(async () => {
      const { subjects = {} } = (await (await lab.streams()).info("ls", { subjects_filter })).state;
      expect(Object.values(subjects)).toEqual([2]);
    }, SOON);
    await vi.waitFor(
      async () => expect(await node.save(creation(id))).toEqual({ status: "saved" }),
      SOON,
    );
  });

  test("a keep-alive of 10,000 views is one message, and extends the deadline of each", async () => {
    const lab = await openLab();
    const clock = createManualClock();
    const node = lab.node({ clock, timeoutMs: 20_000 });
    const other = lab.node({ clock, timeoutMs: 20_000 });
    const ids = Array.from({ length: 10_000 }, newId);
    const until = (ms: number) => ({ expiresAtMs: clock.now() + ms });
    await Promise.all(ids.map(async (id) => node.save(creation(id, until(60_000)))));
    const ended = newId();
    await node.save(creation(ended, until(60_000)));
    await node.keepAlive([keeping(ended, until(50_000))]);
    const before = (await lab.state()).last_seq;
    clock.advance(30_000);

    const outcomes = await node.keepAlive(ids.map((id) => keeping(id, until(60_000))));
    expect(outcomes).toEqual(ids.map(() => "kept"));
    expect((await lab.state()).last_seq).toBe(before + 1);
    clock.advance(59_999);
    expect((await other.load(loading(ids[0] ?? "", until(1)))).status).toBe("loaded");
    expect((await other.load(loading(ended, until(1)))).status).toBe("absent");
    clock.advance(1);
    expect((await other.load(loading(ids[1] ?? "", until(1)))).status).toBe("absent");
    expect((await node.load(loading(ids[2] ?? "", until(1)))).status).toBe("absent");
  });

  test("stashes that expire cause no message, and are dropped from the mirrors", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const lab = await openLab();
      const clock = createManualClock();
      const nodes = [lab.node({ clock }), lab.node({ clock })];
      await Promise.all(nodes.map((node) => node.connect()));
      const ids = Array.from({ length: 200 }, newId);
      await Promise.all(
        ids.map(async (id, at) =>
          nodes[at % 2]?.save(creation(id, { expiresAtMs: clock.now() + 1_000 })),
        ),
      );
      await vi.waitFor(() => {
        for (const node of nodes) expect(node.figures().mirror.entries).toBe(200);
      }, SOON);
      const before = (await lab.state()).last_seq;
      clock.advance(10 * 60_000);
      vi.advanceTimersByTime(30_000);

      await vi.waitFor(() => {
        for (const node of nodes)
          expect(node.figures().mirror).toMatchObject({ entries: 0, bytes: 0 });
      }, SOON);
      expect((await lab.state()).last_seq).toBe(before);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a keep-alive stores an old state again, because servers delete old messages", async () => {
    const lab = await openLab();
    const clock = createManualClock(Date.now());
    const node = lab.node({ clock, maxTtlMs: 60_000 });
    const ids = [newId(), newId()];
    for (const id of ids) await node.save(creation(id, { expiresAtMs: clock.now() + 75_000 }));
    const bytes = async (): Promise<number> => (await lab.state()).bytes;
    const keepBoth = async (): Promise<unknown> => {
      const before = await bytes();
      clock.advance(15_000);
      const expiresAtMs = clock.now() + 75_000;
      await node.keepAlive(ids.map((id) => keeping(id, { expiresAtMs })));
      return (await bytes()) - before;
    };

    for (let round = 0; round < 4; round += 1) expect(await keepBoth()).toBeLessThan(100);
    expect(await keepBoth()).toBeGreaterThan(2 * RECORD.length);
  });
});

describe("a mirror", () => {
  test("a node that starts later knows all stashes and their owners", async () => {
    const lab = await openLab();
    const first = lab.node();
    const [id, forgotten, ...more] = Array.from({ length: 50 }, newId) as [string, string];
    await Promise.all([id, forgotten, ...more].map(async (each) => first.save(creation(each))));
    await first.load(loading(id));
    await first.save(creation(id, { owner: TWO, record: Buffer.from("later") }));
    await first.forget({ id: forgotten, owner: ONE });

    const later = lab.node();
    await later.connect();
    expect(later.figures()).toMatchObject({ isConnected: true, mirror: { lagMessages: 0 } });
    expect(await later.save(creation(id))).toEqual({ status: "not_owner" });
    expect(await later.load(loading(forgotten))).toEqual({ status: "absent" });
    const third = "0000000000three";
    expect(await later.load(loading(id, { owner: third }))).toEqual({
      status: "loaded",
      record: Buffer.from("later"),
    });
  });

  test("when two nodes recover the same stash at once, 1,000 times, it has one owner and is never lost", async () => {
    const lab = await openLab();
    const nodes = [lab.node(), lab.node()] as const;
    for (let round = 0; round < 10; round += 1) {
      const ids = Array.from({ length: 100 }, newId);
      await Promise.all(ids.map(async (id) => nodes[0].save(creation(id))));
      await Promise.all(
        ids.map(async (id) => {
          const names = ["0000000001left", "0000000001right"] as const;
          const loaded = await Promise.all(
            nodes.map(async (node, at) => node.load(loading(id, { owner: names[at] ?? "" }))),
          );
          expect(loaded).toEqual(nodes.map(() => ({ status: "loaded", record: RECORD })));
          const saved = await Promise.all(
            nodes.map(async (node, at) =>
              node.save(creation(id, { owner: names[at] ?? "", create: false })),
            ),
          );
          expect(saved.map(({ status }) => status).sort()).toEqual(["not_owner", "saved"]);
        }),
      );
    }
  });

  test("when the stream is deleted, its stashes are absent, and new ones are saved", async () => {
    const lab = await openLab();
    const nodes = [lab.node(), lab.node()] as const;
    const id = newId();
    await nodes[0].save(creation(id));
    await nodes[1].load(loading(id));
    await (await lab.streams()).delete("ls");

    await vi.waitFor(async () => {
      for (const node of nodes) expect(await node.load(loading(id))).toEqual({ status: "absent" });
    }, SOON);
    const next = newId();
    expect(await nodes[0].save(creation(next))).toEqual({ status: "saved" });
    expect(await nodes[1].load(loading(next))).toEqual({ status: "loaded", record: RECORD });
  });

  test("a forget frees the servers' memory", async () => {
    const lab = await openLab();
    const node = lab.node();
    const id = newId();
    await node.save(creation(id, { record: Buffer.alloc(50_000) }));
    expect((await lab.state()).bytes).toBeGreaterThan(50_000);

    await node.forget({ id, owner: ONE });
    await vi.waitFor(async () => {
      expect((await lab.state()).bytes).toBeLessThan(1_000);
    }, SOON);
  });
});

describe("a node may connect", () => {
  test("with the token that the server requires", async () => {
    const lab = await openLab({ token: "s3cret-token" });
    expect(await lab.node({ token: "s3cret-token" }).save(creation(newId()))).toEqual({
      status: "saved",
    });
    const error = await errorOf(
      lab.node({ token: "wrong", timeoutMs: 500 }).save(creation(newId())),
    );
    expect(error).toMatchObject({ code: "adapter_unavailable" });
    expect(String(error) + String(error.cause)).not.toContain("wrong");
  });

  test("as a user with only the permissions of docs/nats.md", async () => {
    const permissions = [
      'publish: ["ls.>", "$JS.API.STREAM.*.ls", "$JS.API.CONSUMER.CREATE.ls.*", "$JS.API.CONSUMER.DELETE.ls.*", "$JS.FC.>"]',
      'subscribe: ["ls.>"]',
    ].join(", ");
    const user = `{ user: app, password: "password", permissions: { ${permissions} } }`;
    const lab = await openLab({ config: [`authorization { users: [${user}] }`] });
    const node = lab.node({ user: "app", pass: "password" });
    const id = newId();
    expect(await node.save(creation(id))).toEqual({ status: "saved" });
    expect(await node.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    expect(await node.forget({ id, owner: TWO })).toBe("forgotten");
  });

  test("with an nkey", async () => {
    const key = nkeys.createUser();
    const lab = await openLab({
      config: [`authorization { users: [{ nkey: ${key.getPublicKey()} }] }`],
    });
    const nkeySeed = Buffer.from(key.getSeed()).toString();
    expect(await lab.node({ nkeySeed }).save(creation(newId()))).toEqual({
      status: "saved",
    });
  });

  test("over TLS, with a certificate that it trusts", async () => {
    const lab = await openLab({ tls: true });
    const tls = { ca: lab.server.ca ?? "" };
    expect(await lab.node({ tls }).save(creation(newId()))).toEqual({
      status: "saved",
    });
    const error = await errorOf(lab.node({ timeoutMs: 500 }).save(creation(newId())));
    expect(error.code).toBe("adapter_unavailable");
  });

  test("over a connection of the application, which close() leaves open", async () => {
    const lab = await openLab();
    const connection = await connect({ servers: lab.server.url });
    willClose(connection, () => connection.close());
    const options = { servers: undefined, connection } as unknown as object;
    const node = lab.node(options);
    expect(await node.save(creation(newId()))).toEqual({ status: "saved" });
    await node.close();
    expect(connection.isClosed()).toBe(false);
  });
});

test("with `encrypt` the servers store no readable record, and other secrets do not decrypt it", async () => {
  const lab = await openLab();
  const id = newId();
  const node = lab.node({ encrypt: true, secret: SECRET });
  await node.save(creation(id));
  const stored = await (await lab.streams()).getMessage("ls", { seq: 1 });
  expect(Buffer.from(stored?.data ?? []).includes(RECORD)).toBe(false);

  expect(await node.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  const other = lab.node({ encrypt: true, secret: SECRET.replace("tests", "other") });
  expect(await errorOf(other.load(loading(id)))).toMatchObject({ code: "adapter_unavailable" });
});

test("a stream with other settings than the options is reported at once, with advice", async () => {
  const lab = await openLab();
  await lab.node().save(creation(newId()));

  const error = await errorOf(lab.node({ maxTtlMs: 60_000 }).save(creation(newId())));
  expect(error.code).toBe("adapter_unavailable");
  expect(error.message).toMatch(/expected the stream "ls" with max_age .* Give all nodes the same/);
});

test("a save answers `full` while the stream is full, and `saved` once there is room", async () => {
  const lab = await openLab();
  const node = lab.node();
  const id = newId();
  await node.save(creation(id));
  const streams = await lab.streams();
  await streams.update("ls", { discard: DiscardPolicy.New, max_msgs: 1 });

  expect(await node.save(creation(id, { create: false }))).toEqual({ status: "full" });
  expect((await errorOf(node.load(loading(id)))).code).toBe("adapter_unavailable");
  await streams.update("ls", { max_msgs: -1 });
  expect(await node.save(creation(id, { create: false }))).toEqual({ status: "saved" });
});

test("a call beyond `maxQueueLength` is rejected", async () => {
  const lab = await openLab();
  const node = lab.node({ maxQueueLength: 3 });
  await node.connect();
  const calls = [1, 2, 3].map(async () => node.save(creation(newId())));
  expect(await errorOf(node.save(creation(newId())))).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("maxQueueLength") as string,
  });
  await Promise.all(calls);
});
