import { startTcpProxy, type TcpProxy } from "@live-stash/test-servers";
import { createManualClock } from "@live-stash/contract";
import { connect, type NatsConnection } from "@nats-io/transport-node";
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
} from "../../stash-contract/test/requests.ts";
import { type NatsLab, useNatsLab } from "../test/nats-lab.ts";
import { encodeMessage, ownerKey, stashName } from "./stream/message.ts";
import type { NatsAdapter } from "./nats-adapter.ts";
import type { NatsAdapterOptions } from "./nats-options.ts";

/** The time limit of an event, because other processes may use most of the CPU. */
const SOON = { timeout: 20_000 };
const openLab = useNatsLab();
const willClose = createCloser();

/** Opens a node whose network the test can interrupt. */
async function nodeBehind(
  lab: NatsLab,
  options: Partial<NatsAdapterOptions> = {},
): Promise<{ readonly node: NatsAdapter; readonly network: TcpProxy }> {
  const network = await startTcpProxy({ targetPort: lab.server.port });
  willClose(network, () => network.close());
  const node = lab.node({ servers: `nats://127.0.0.1:${network.port}`, ...options });
  await node.connect();
  return { node, network };
}

async function clientOf(lab: NatsLab): Promise<NatsConnection> {
  const client = await connect({ servers: lab.server.url });
  return willClose(client, () => client.close());
}

function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("a process that was stalled for longer than timeoutMs still accepts answers that had arrived", async () => {
  const lab = await openLab();
  const node = lab.node({ timeoutMs: 300 });
  await node.connect();
  const ids = Array.from({ length: 20 }, newId);
  await vi.waitFor(async () => {
    const saved = await Promise.all(ids.map(async (id) => node.save(creation(id))));
    expect(saved).toEqual(ids.map(() => ({ status: "saved" })));
  }, SOON);

  const asked = [
    ...ids.map(async (id) => node.load(loading(id, { owner: ONE }))),
    (async () => node.load(loading(newId())))(),
  ];
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  stall(1_500);
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses).toEqual([...ids.map(() => "loaded"), "absent"]);
});

describe("a node does not expire stashes because it missed messages", () => {
  test("after a long network outage a node still loads the stashes that another node kept alive", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const lab = await openLab();
      const clock = createManualClock();
      const keeper = lab.node({ clock });
      const { node, network } = await nodeBehind(lab, { clock, timeoutMs: 2_000 });
      const ids = Array.from({ length: 10 }, newId);
      const until = () => ({ expiresAtMs: clock.now() + 60_000 });
      for (const id of ids) await keeper.save(creation(id, until()));
      await vi.waitFor(() => expect(node.figures().mirror.entries).toBe(10), SOON);

      // Packets are lost without an error: the node receives no heartbeat.
      network.pause();
      for (let minutes = 0; minutes < 8; minutes += 1) {
        clock.advance(30_000);
        expect(await keeper.keepAlive(ids.map((id) => keeping(id, until())))).toEqual(
          ids.map(() => "kept"),
        );
        vi.advanceTimersByTime(30_000);
      }
      network.resume();

      for (const id of ids) {
        await vi.waitFor(async () => {
          const loaded = await node.load(loading(id, { owner: "0000000001two", ...until() }));
          expect(loaded).toEqual({ status: "loaded", record: RECORD });
        }, SOON);
      }
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a stash that the servers lost under a connected view", () => {
  test.each<[string, (lab: NatsLab) => Promise<void>]>([
    [
      "after a restart without persistence",
      async ({ server }) => {
        await server.stop("SIGKILL");
        await server.start();
      },
    ],
    ["when the stream is deleted", async (lab) => void (await (await lab.streams()).delete("ls"))],
    ["when the stream is purged", async (lab) => void (await (await lab.streams()).purge("ls"))],
    [
      "when a limit of the stream drops it",
      async (lab) => {
        const streams = await lab.streams();
        await streams.update("ls", { max_msgs: 1 });
        await lab.node().save(creation(newId()));
      },
    ],
  ])("%s, is `absent` for its keep-alive, and loadable again once saved", async (_, lose) => {
    const lab = await openLab();
    const node = lab.node();
    const ids = [newId(), newId(), newId()];
    for (const id of ids) await node.save(creation(id));
    expect(await node.keepAlive(ids.map((id) => keeping(id)))).toEqual(ids.map(() => "kept"));
    await lose(lab);

    await vi.waitFor(async () => {
      const outcomes = await node.keepAlive(ids.map((id) => keeping(id)));
      expect(outcomes).toEqual(ids.map(() => "absent"));
    }, SOON);
    await (await lab.streams()).update("ls", { max_msgs: -1 });
    for (const id of ids) expect(await node.save(creation(id))).toEqual({ status: "saved" });
    expect(await node.keepAlive(ids.map((id) => keeping(id)))).toEqual(ids.map(() => "kept"));
    const later = lab.node();
    for (const id of ids) {
      expect(await later.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    }
  });

  test("is stored again from a mirror that has it, by the end of its view and by a recovery", async () => {
    const lab = await openLab();
    const node = lab.node();
    const ids = [newId(), newId()] as const;
    for (const id of ids) await node.save(creation(id));
    await (await lab.streams()).purge("ls");
    // The node asks the servers once a second which messages they keep.
    await vi.waitFor(async () => {
      expect(await node.keepAlive(ids.map((id) => keeping(id)))).toEqual(["absent", "absent"]);
    }, SOON);

    expect(await node.keepAlive([keeping(ids[0], { isFinal: true })])).toEqual(["kept"]);
    expect(await node.load(loading(ids[1], { owner: ONE }))).toEqual({
      status: "loaded",
      record: RECORD,
    });
    const later = lab.node();
    for (const id of ids) {
      expect(await later.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
    }
  });
});

test("a node that never read a state, because the servers had deleted it, does not report the stash as absent", async () => {
  const lab = await openLab();
  const node = lab.node();
  const id = newId();
  await node.save(creation(id));
  const name = stashName(id);
  const client = await clientOf(lab);
  const lease = { deadlineMs: Date.now() + 60_000, node: undefined, lengthMs: 0 };
  // More nodes write at the same moment than the servers keep messages of a stash.
  for (let seq = 1; seq <= 6; seq += 1) {
    const message = { kind: "update", followsSeq: seq, owner: ownerKey(ONE), lease } as const;
    client.publish(`ls.s.${name}`, encodeMessage(message));
  }
  await client.flush();
  const later = lab.node();
  await later.connect();

  const error: unknown = await Promise.resolve(later.load(loading(id))).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StashError);
  expect(error).toMatchObject({
    code: "adapter_unavailable",
    message: expect.stringContaining("expected the state of this stash on the servers") as string,
  });
  expect(await node.load(loading(id))).toEqual({ status: "loaded", record: RECORD });
});
