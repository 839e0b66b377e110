import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { text } from "node:stream/consumers";
import { type BundledProgram, bundleProgram } from "@live-stash/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { SECRET } from "../../../test/fake-page.ts";
import { PeerProcess, peerProgram } from "../../../test/peer-process-control.ts";
import { createMemoryAdapter, type MemoryAdapter, StashError } from "../../index.ts";
import type { LoadOutcome } from "../../entries/adapter.ts";
import { peersOnThisMachine } from "../../entries/peers.ts";
import { SocketFolder } from "./peers-on-this-machine.ts";

const RECORD = new Uint8Array(400).fill(3);
const NOTHING = new Uint8Array(0);
const TTL_MS = 300_000;

let program: BundledProgram;
let application: string;
let processes: PeerProcess[];
let adapters: MemoryAdapter[];

beforeAll(async () => {
  program = await bundleProgram(peerProgram);
});
afterAll(() => program.close());

beforeEach(() => {
  application = randomUUID();
  processes = [];
  adapters = [];
});

afterEach(async () => {
  await Promise.all(adapters.map((adapter) => adapter.close()));
  await Promise.all(processes.map((each) => each.kill()));
  await rm(await folderOf(application), { recursive: true });
});

async function folderOf(name: string): Promise<string> {
  const socket = await new SocketFolder(name).prepare("x");
  return join(socket, "..");
}

async function start(): Promise<PeerProcess> {
  const started = await PeerProcess.start(program, application, SECRET);
  processes.push(started);
  return started;
}

async function open(lookupTimeoutMs = 500, peerSilenceMs = 60_000): Promise<MemoryAdapter> {
  const peers = peersOnThisMachine({ name: application, secret: SECRET });
  const adapter = createMemoryAdapter({ peers, lookupTimeoutMs, peerSilenceMs });
  adapters.push(adapter);
  await adapter.ready();
  return adapter;
}

type Node = Pick<MemoryAdapter, "save" | "load">;

interface Held {
  readonly id: string;
  adapterData: Uint8Array;
}

let orders = 0;
function nextOwner(): string {
  orders += 1;
  return `${String(orders).padStart(10, "0")}view`;
}

async function create(node: Node): Promise<Held> {
  const id = randomBytes(16).toString("base64url");
  const request = { id, owner: nextOwner(), record: RECORD, create: true };
  const saved = await node.save({ ...request, expiresAtMs: Date.now() + TTL_MS });
  return { id, adapterData: (saved.status === "saved" ? saved.adapterData : undefined) ?? NOTHING };
}

/** Resolves with the outcome of a load, or the code of its error. */
async function tryLoad(node: Node, held: Held): Promise<string> {
  try {
    return await load(node, held);
  } catch (error) {
    return error instanceof StashError ? error.code : String(error);
  }
}

/** Retries a load, as the core does, as long as the store does not answer. */
async function loadAgainAndAgain(node: Node, held: Held): Promise<string> {
  for (;;) {
    const outcome = await tryLoad(node, held);
    if (outcome !== "adapter_timeout") return outcome;
    await nextTurn();
  }
}

/** Blocks the event loop. */
function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

async function load(node: Node, held: Held): Promise<LoadOutcome["status"]> {
  const { id, adapterData } = held;
  const request = { id, adapterData, owner: nextOwner(), expiresAtMs: Date.now() + TTL_MS };
  const outcome = await node.load(request);
  if (outcome.status === "loaded" && outcome.adapterData) held.adapterData = outcome.adapterData;
  return outcome.status;
}

describe("a process on this machine", () => {
  it("finds the stashes of others, which move back and forth", async () => {
    const [one, two] = [await start(), await start()];
    const held = await create(one);
    for (const node of [two, one, one, two, one]) expect(await load(node, held)).toBe("loaded");
    expect([(await one.figures()).entries, (await two.figures()).entries]).toEqual([1, 0]);
  });

  it("may be a worker of node:cluster, without any configuration", async () => {
    const workers = await bundleProgram(
      new URL("../../../test/peer-cluster-workers.ts", import.meta.url),
    );
    const args = [workers.path, application, SECRET];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const printed = await text(child.stdout);
    await workers.close();
    expect(printed).toBe("loaded\n");
  });

  it("loses only its own stashes when it is killed", async () => {
    const [one, two] = [await start(), await open()];
    const [gone, moved] = [await create(one), await create(one)];
    expect(await load(two, moved)).toBe("loaded");
    await one.kill();
    expect(await load(two, gone)).toBe("absent");
    expect(await load(two, moved)).toBe("loaded");
    const three = await start();
    expect(await load(three, moved)).toBe("loaded");
    expect(await load(three, gone)).toBe("absent");
  });

  it("delays loads while it is frozen, and loses no state: they are retried", async () => {
    const [one, two] = [await start(), await open(200)];
    const [known, unknown, moved] = [await create(one), await create(one), await create(one)];
    expect(await load(two, moved)).toBe("loaded");
    const notThere = { id: randomBytes(16).toString("base64url"), adapterData: NOTHING };
    one.freeze();
    const pages = [known, { ...unknown, adapterData: NOTHING }, notThere];
    for (const page of pages) expect(await tryLoad(two, page)).toBe("adapter_timeout");
    expect(await load(two, moved)).toBe("loaded");
    const retried = pages.map((page) => loadAgainAndAgain(two, page));
    one.thaw();
    expect(await Promise.all(retried)).toEqual(["loaded", "loaded", "absent"]);
    expect([(await one.figures()).entries, two.figures().entries]).toEqual([0, 3]);
  });

  it("counts as gone once it has been frozen for peerSilenceMs, and other stashes are not lost", async () => {
    const [one, two] = [await start(), await open(100, 1_000)];
    const [held, moved] = [await create(one), await create(one)];
    expect(await load(two, moved)).toBe("loaded");
    one.freeze();
    const tries: string[] = [];
    for (;;) {
      const outcome = await tryLoad(two, held);
      if (outcome !== "adapter_timeout") {
        expect(outcome).toBe("absent");
        break;
      }
      tries.push(outcome);
      await nextTurn();
    }
    expect(tries.length).toBeGreaterThan(0);
    expect(await load(two, moved)).toBe("loaded");
    one.thaw();
    await vi.waitFor(async () => expect(await load(two, held)).toBe("loaded"));
  });

  it("is asked even if the asking process stood still meanwhile", async () => {
    const [one, two] = [await start(), await open(200)];
    for (const hint of ["hint", "no hint"]) {
      const held = await create(one);
      if (hint === "no hint") held.adapterData = NOTHING;
      const loading = load(two, held);
      // Far longer than `lookupTimeoutMs`, during the first turns of the lookup.
      for (let turns = 0; turns < 3; turns += 1) {
        block(300);
        await nextTurn();
      }
      expect(await loading).toBe("loaded");
    }
  });

  it("returns a stash that it was taking when it was frozen", async () => {
    const [one, two] = [await open(), await start()];
    const held = await create(one);
    two.freeze();
    const frozen = two.load({
      id: held.id,
      adapterData: held.adapterData,
      owner: nextOwner(),
      expiresAtMs: Date.now() + TTL_MS,
    });
    expect(await load(one, held)).toBe("loaded");
    two.thaw();
    expect((await frozen).status).toBe("superseded");
  });

  it("shares a reference with others that recover it at once: one owner each time, nothing lost", async () => {
    const [one, two, here] = [await start(), await start(), await open()];
    for (let round = 0; round < 50; round += 1) {
      const held = await create(round % 3 === 0 ? here : round % 3 === 1 ? one : two);
      const statuses = await Promise.all([load(one, { ...held }), load(two, { ...held })]);
      // The order of owners counts: the first owner is superseded if its load arrives last.
      expect(statuses[1]).toBe("loaded");
      expect(["loaded", "superseded"]).toContain(statuses[0]);
      expect(await load(here, held)).toBe("loaded");
    }
    expect(here.figures().entries).toBe(50);
  });

  it("loses nothing when processes start and stop while pages reconnect", async () => {
    let nodes = [await open(5_000), await open(5_000)];
    const loading = new Map<MemoryAdapter, Set<Promise<unknown>>>();
    const visit = async (node: MemoryAdapter, page: Held): Promise<void> => {
      const visits = loading.get(node) ?? new Set();
      loading.set(node, visits);
      const visit = load(node, page);
      visits.add(visit);
      expect(await visit).toBe("loaded");
      visits.delete(visit);
    };
    let isOver = false;
    const comeBack = async (start: number): Promise<void> => {
      const [first] = nodes;
      if (first === undefined) return;
      const page = await create(first);
      for (let turn = start; !isOver; turn += 1) {
        const node = nodes[turn % nodes.length];
        if (node !== undefined) await visit(node, page);
        // Slower than three nodes in one process can answer.
        for (let turns = 0; turns < 10; turns += 1) await nextTurn();
      }
    };
    const pages = Promise.all(Array.from({ length: 12 }, (_, index) => comeBack(index)));
    for (let round = 0; round < 4; round += 1) {
      const [oldest, ...others] = nodes;
      if (oldest === undefined) break;
      // The load balancer sends no more pages there, and the views that were there have ended.
      nodes = [...others, await open(5_000)];
      await Promise.all(loading.get(oldest) ?? new Set<Promise<unknown>>());
      expect((await oldest.handOver()).left).toBe(0);
      await oldest.close();
    }
    isOver = true;
    await pages;
  });
});

describe("the folder of sockets", () => {
  it("is for this user only, and empty once all processes have closed", async () => {
    const folder = await folderOf(application);
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
    const adapter = await open();
    expect(await readdir(folder)).toHaveLength(1);
    await adapter.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not used if other users can enter it", async () => {
    const folder = await folderOf(application);
    await chmod(folder, 0o755);
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const peers = peersOnThisMachine({ name: application, secret: SECRET });
    const adapter = createMemoryAdapter({ peers });
    adapters.push(adapter);
    await expect(adapter.ready()).rejects.toMatchObject({
      code: "adapter_unavailable",
      message: expect.stringContaining("a folder that only this user can enter") as string,
    });
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
    const held = await create(adapter);
    expect(await load(adapter, held)).toBe("loaded");
    await chmod(folder, 0o700);
  });

  it("is cleared of the sockets of processes that were killed", async () => {
    const folder = await folderOf(application);
    const killed = await start();
    await killed.kill();
    const [socket = ""] = await readdir(folder);
    const adapter = await open();
    expect(await load(adapter, { id: "AAAAAAAAAAAAAAAAAAAAAA", adapterData: NOTHING })).toBe(
      "absent",
    );
    // The socket may belong to a process that is about to listen.
    expect(await readdir(folder)).toContain(socket);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(folder, socket), longAgo, longAgo);
    await load(adapter, { id: "AAAAAAAAAAAAAAAAAAAAAA", adapterData: NOTHING });
    await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(1));
    await mkdir(join(folder, "not a socket"));
    expect(await load(adapter, await create(adapter))).toBe("loaded");
  });
});

describe("peersOnThisMachine() with invalid options", () => {
  it.each([[{ name: "" }], [{ name: 5 }], [{ secret: "short" }], [{ port: 1 }]])(
    "throws invalid_option: %j",
    (options) => {
      expect(() => peersOnThisMachine(options as never)).toThrow(
        expect.objectContaining({ code: "invalid_option" }),
      );
    },
  );
});
