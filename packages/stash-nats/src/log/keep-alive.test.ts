import type { KeepAliveRequest } from "live-stash/adapter";
import { expect, test } from "vitest";
import { planKeepAlive } from "./keep-alive.ts";
import { Mirror } from "../mirror/mirror.ts";
import { encodeMessage, ownerKey, stashName, leaseFor } from "../stream/message.ts";

const NODE = "AAAAAAAA";
const OWNER = "0000000000one";
const TTL_MS = 60_000;
const MAX_TTL_MS = 3_600_000;

/** Returns a mirror with these stashes, leased at time 0 by `node`, by default this one. */
function mirrorOf(ids: readonly string[], node: string | undefined = NODE): Mirror {
  const mirror = new Mirror(NODE);
  for (const [index, id] of ids.entries()) {
    const lease = leaseFor(TTL_MS, 0, node);
    const record = Buffer.from(id);
    const state = { kind: "state", followsSeq: 0, owner: ownerKey(OWNER), lease, record } as const;
    mirror.applyStash(stashName(id), index + 1, encodeMessage(state), 0);
    mirror.advance(index + 1);
  }
  return mirror;
}

const request = (id: string, expiresAtMs: number, owner = OWNER) => ({ id, owner, expiresAtMs });
const final = (id: string, expiresAtMs: number) => ({
  ...request(id, expiresAtMs),
  isFinal: true,
});
const plan = (mirror: Mirror, requests: readonly KeepAliveRequest[], nowMs = 15_000) =>
  planKeepAlive(requests, mirror, nowMs, MAX_TTL_MS);

test("all requested stashes share one heartbeat, at the time that sets no deadline too late", () => {
  const mirror = mirrorOf(["a", "b", "c"]);
  const requests = [request("a", 75_000), request("b", 75_100), request("c", 75_050)];
  expect(plan(mirror, requests)).toEqual({
    heartbeat: { timeMs: 15_000, coversSeq: 3 },
    included: [0, 1, 2],
    single: [],
    isLeased: true,
    excluded: [],
  });
});

test("a single request is a message of its own, and leaves the other stashes as they are", () => {
  const mirror = mirrorOf(["a", "b", "c"]);
  expect(plan(mirror, [request("b", 75_000)])).toMatchObject({
    heartbeat: undefined,
    single: [0],
    isLeased: false,
    excluded: [],
  });
});

test.each<[string, readonly string[], readonly string[]]>([
  ["one of three", ["a", "b", "c"], ["b"]],
  ["two of three", ["a", "b", "c"], ["a", "b"]],
  ["all", ["a", "b"], ["a", "b"]],
  ["all, after the node took another name", [], ["a", "b"]],
])("each ended view gets a message of its own with a final deadline: %s", (_, own, ended) => {
  const requests = ended.map((id) => final(id, 75_000));
  expect(plan(mirrorOf(own), requests)).toMatchObject({
    heartbeat: undefined,
    included: [],
    single: [...ended.keys()],
    isLeased: false,
    excluded: [],
  });
});

test("a request that no heartbeat can fulfil gets a message of its own: other deadlines, other owners, unknown stashes, old states", () => {
  const mirror = mirrorOf(["a", "b", "c", "d", "e"]);
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  const misfits = [
    request("d", 30_000),
    request("e", 75_000, "0000000000two"),
    request("x", 75_000),
  ];
  expect(plan(mirror, [...requests, ...misfits])).toMatchObject({
    included: [0, 1, 2],
    single: [3, 4, 5],
    isLeased: true,
    excluded: [stashName("d"), stashName("e")],
  });
  const old = mirrorOf(["a", "b"]);
  const nowMs = MAX_TTL_MS + 1;
  old.applyHeartbeat(NODE, Buffer.from([0, 0, 0, 0x36, 0xee, 0x80, 0, 0, 0, 0, 0, 2]));
  const late = ["a", "b"].map((id) => request(id, nowMs + TTL_MS));
  expect(plan(old, late, nowMs)).toMatchObject({ heartbeat: undefined, single: [0, 1] });
});

test("a leased stash without a request is excluded from the heartbeat", () => {
  const mirror = mirrorOf(["a", "b", "c", "left behind"]);
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  expect(plan(mirror, requests)).toMatchObject({
    included: [0, 1, 2],
    excluded: [stashName("left behind")],
  });
});

test("a stash that another node has leased gets a lease of this node", () => {
  const mirror = mirrorOf(["a", "b", "c"], "BBBBBBBB");
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  expect(plan(mirror, requests)).toMatchObject({
    heartbeat: undefined,
    single: [0, 1, 2],
    isLeased: true,
  });
});
