import { randomBytes } from "node:crypto";
import { type NatsCluster, startNatsCluster } from "@live-stash/test-servers";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { StashError } from "live-stash";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createCloser } from "../../stash-contract/test/create-closer.ts";
import {
  creation,
  keeping,
  loading,
  newId,
  ONE,
  RECORD,
} from "../../stash-contract/test/requests.ts";
import { userCycle } from "../test/user-cycle.ts";
import { createNatsAdapter, type NatsAdapter } from "./nats-adapter.ts";

const willClose = createCloser();
/** Elections take a few seconds, and more on a busy machine. */
const HEALS = { timeout: 60_000, interval: 50 };
/** The time limit of nodes in tests without failures: longer than an election, even a repeated one. */
const PATIENT_MS = 20_000;

let cluster: NatsCluster;
beforeAll(async () => {
  cluster = await startNatsCluster();
});
afterAll(() => cluster.close());

/** Waits until the elections that the test before caused are over. */
beforeEach(async () => {
  for (const index of cluster.servers.keys()) {
    await vi.waitFor(async () => {
      const node = await nodeAt(index);
      try {
        await node.save(creation(newId()));
      } finally {
        await node.close();
      }
    }, HEALS);
  }
});

/** Opens a node whose first server is the one with that index. */
async function nodeAt(index: number, timeoutMs = 5_000): Promise<NatsAdapter> {
  const { urls } = cluster;
  const servers = [...urls.slice(index), ...urls.slice(0, index)];
  const node = createNatsAdapter({
    servers,
    connect: { noRandomize: true },
    replicas: 3,
    timeoutMs,
  });
  willClose(node, () => node.close());
  await node.connect();
  return node;
}

async function answerOf(call: () => Promise<unknown>): Promise<unknown> {
  return call().catch((error: unknown) => error);
}

test("a user who reconnects and stashes costs less than 7 KB between all servers and nodes", async () => {
  const nodes = [await nodeAt(0, PATIENT_MS), await nodeAt(1, PATIENT_MS)] as const;
  const bytes = (): number =>
    [...cluster.routes, ...cluster.servers.map(({ clients }) => clients)].reduce(
      (sum, proxy) => sum + proxy.bytes,
      0,
    );
  const users = await Promise.all(Array.from({ length: 20 }, () => userCycle(nodes)));
  const before = bytes();
  const CYCLES = 20;
  await Promise.all(
    users.map(async (next) => {
      for (let cycle = 0; cycle < CYCLES; cycle += 1) await next();
    }),
  );
  const each = Math.round((bytes() - before) / (users.length * CYCLES));
  console.log(`${each} bytes for each cycle of a user`);
  expect(each).toBeLessThan(7_000);
  expect(each).toBeGreaterThan(1_000);
});

test("a node continues when its server dies, and misses no change of other nodes", async () => {
  const [one, two] = [await nodeAt(0), await nodeAt(1)];
  const ids = Array.from({ length: 50 }, newId);
  await Promise.all(ids.slice(0, 25).map(async (id) => one.save(creation(id))));
  await cluster.servers[0]?.stop("SIGKILL");
  try {
    for (const id of ids.slice(25)) {
      await vi.waitFor(async () => {
        expect(await two.save(creation(id))).toEqual({ status: "saved" });
      }, HEALS);
    }
    for (const id of ids) {
      await vi.waitFor(async () => {
        expect(await one.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
      }, HEALS);
    }
  } finally {
    await cluster.servers[0]?.start();
  }
});

test("a server that is cut off answers no call, and its node finds another one", async () => {
  const timeoutMs = 500;
  const [node, other] = [await nodeAt(2, timeoutMs), await nodeAt(0)];
  const id = newId();
  await node.save(creation(id));
  const server = cluster.servers[2];
  server?.isolate();
  try {
    const answers = [];
    for (let call = 0; call < 2; call += 1) {
      answers.push(await answerOf(async () => node.load(loading(id))));
      answers.push(await answerOf(async () => node.load(loading(newId()))));
    }
    for (const answer of answers) {
      expect(answer).toBeInstanceOf(StashError);
      expect(String(answer)).toMatch(
        /expected (an answer|a leader of the stream) within 500 ms|expected a connection to NATS/,
      );
    }
    // The other servers continue, even if it was their leader.
    const later = Buffer.from("later");
    await vi.waitFor(async () => {
      expect(await other.load(loading(id))).toMatchObject({ status: "loaded" });
      const saved = await other.save(creation(id, { owner: "0000000000two", record: later }));
      expect(saved).toEqual({ status: "saved" });
    }, HEALS);
    await vi.waitFor(async () => {
      const loaded = await node.load(loading(id, { owner: "0000000001three" }));
      expect(loaded).toEqual({ status: "loaded", record: later });
    }, HEALS);
  } finally {
    server?.rejoin();
  }
});

test("when two nodes recover the same stash at once through three servers, it has one owner and is not lost", async () => {
  const nodes = [await nodeAt(0, PATIENT_MS), await nodeAt(1, PATIENT_MS)] as const;
  for (let round = 0; round < 20; round += 1) {
    const record = randomBytes(400);
    const id = newId();
    await nodes[0].save(creation(id, { record }));
    const owners = ["0000000001left", "0000000001right"] as const;
    const loaded = await Promise.all(
      nodes.map(async (node, at) => node.load(loading(id, { owner: owners[at] ?? ONE }))),
    );
    expect(loaded).toEqual(nodes.map(() => ({ status: "loaded", record })));
    const saved = await Promise.all(
      nodes.map(async (node, at) =>
        node.save(creation(id, { owner: owners[at] ?? ONE, create: false })),
      ),
    );
    expect(saved.map(({ status }) => status).sort()).toEqual(["not_owner", "saved"]);
  }
});

test("when two of three servers lose their memory at once, nodes continue, and agree on what is left", async () => {
  const [one, two] = [await nodeAt(0), await nodeAt(1)];
  const old = newId();
  await one.save(creation(old));
  const [, ...lost] = cluster.servers;
  await Promise.all(lost.map((server) => server.stop("SIGKILL")));
  await Promise.all(lost.map((server) => server.start()));

  const id = newId();
  await vi.waitFor(async () => {
    expect(await one.save(creation(id))).toEqual({ status: "saved" });
  }, HEALS);
  await vi.waitFor(async () => {
    expect(await two.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
  }, HEALS);

  // A node whose mirror still has the lost stash loads it, with updates at first, and stores the state
  // with one of the next changes. Until then the stash is absent for a node whose mirror was cleared.
  const answers: unknown[] = [];
  let loads = 0;
  const ask = async (node: NatsAdapter): Promise<unknown> => {
    loads += 1;
    const owner = `${String(loads).padStart(10, "0")}three`;
    const answer = await node.load(loading(old, { owner }));
    answers.push(answer);
    return answer;
  };
  await vi.waitFor(async () => {
    const first = await ask(two);
    expect(await ask(one)).toEqual(first);
  }, HEALS);
  const agreed = answers.at(-1);
  expect([await ask(two), await ask(one)]).toEqual([agreed, agreed]);
  for (const answer of answers) {
    expect([{ status: "absent" }, { status: "loaded", record: RECORD }]).toContainEqual(answer);
  }
});

test("when the leader dies while pages return, no load answers absent", async () => {
  const client = await connect({ servers: [...cluster.urls] });
  const { leader } = (await (await jetstreamManager(client)).streams.info("ls")).cluster ?? {};
  await client.close();
  const led = Number(leader?.slice(1)) - 1;
  const nodes = [await nodeAt(led, 800), await nodeAt((led + 1) % 3, 800)] as const;
  const ids = Array.from({ length: 20 }, newId);
  await Promise.all(ids.map(async (id) => nodes[0].save(creation(id))));
  const answers: unknown[] = [];

  const killed = cluster.servers[led]?.stop("SIGKILL");
  try {
    const recovered = ids.map((id, at) =>
      vi.waitFor(async () => {
        const owner = `000000000${(at % 36).toString(36)}two`;
        const answer = await answerOf(async () => nodes[at % 2]?.load(loading(id, { owner })));
        answers.push(answer);
        expect(answer).toEqual({ status: "loaded", record: RECORD });
      }, HEALS),
    );
    await killed;
    await Promise.all(recovered);
  } finally {
    await cluster.servers[led]?.start();
  }
  for (const answer of answers) {
    if (answer instanceof StashError)
      expect(answer.code).toMatch(/^adapter_(timeout|unavailable)$/);
    else expect(answer).toEqual({ status: "loaded", record: RECORD });
  }
});

test(
  "a node that was disconnected while all servers lost their memory recognizes the new stream as another one",
  { timeout: 180_000 },
  async () => {
    const [first = "", second = "", third = ""] = cluster.urls;
    const options = { stream: "grown", replicas: 3, timeoutMs: 20_000 };
    const stays = createNatsAdapter({ ...options, servers: [first, second] });
    const away = createNatsAdapter({ ...options, servers: third });
    for (const node of [stays, away]) willClose(node, () => node.close());
    await stays.connect();
    await away.connect();
    const lost = newId();
    await away.save(creation(lost));
    expect(await away.keepAlive([keeping(lost)])).toEqual(["kept"]);

    cluster.servers[2]?.clients.down();
    try {
      await Promise.all(cluster.servers.map((server) => server.stop("SIGKILL")));
      await Promise.all(cluster.servers.map((server) => server.start()));
      for (let count = 0; count < 40; count += 1) {
        await vi.waitFor(async () => {
          expect(await stays.save(creation(newId()))).toEqual({ status: "saved" });
        }, HEALS);
      }
    } finally {
      cluster.servers[2]?.clients.up();
    }

    await vi.waitFor(async () => {
      expect(await away.keepAlive([keeping(lost)])).toEqual(["absent"]);
    }, HEALS);
    expect(await stays.load(loading(lost))).toEqual({ status: "absent" });
    expect(await away.save(creation(lost))).toEqual({ status: "saved" });
    expect(await stays.load(loading(lost))).toEqual({ status: "loaded", record: RECORD });
  },
);

test(
  "with `storage: file`, kill -9 of all three servers at once loses no acknowledged stash",
  { timeout: 180_000 },
  async () => {
    const servers = cluster.urls;
    const options = { servers, stream: "filed", storage: "file", replicas: 3 } as const;
    const node = createNatsAdapter({ ...options, timeoutMs: 20_000 });
    willClose(node, () => node.close());
    await node.connect();
    const ids = Array.from({ length: 200 }, newId);
    const saved = await Promise.all(ids.map(async (id) => node.save(creation(id))));
    expect(saved).toEqual(ids.map(() => ({ status: "saved" })));
    await Promise.all(cluster.servers.map((server) => server.stop("SIGKILL")));
    await Promise.all(cluster.servers.map((server) => server.start()));

    // A node that starts later reads only what the servers kept.
    const later = createNatsAdapter({ ...options, timeoutMs: 20_000 });
    willClose(later, () => later.close());
    await vi.waitFor(() => later.connect(), HEALS);
    for (const id of ids) {
      await vi.waitFor(async () => {
        expect(await later.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
      }, HEALS);
    }
  },
);
