import type { KeepAliveRequest } from "live-stash/adapter";
import { expect, test } from "vitest";
import { planKeepAlive } from "./keep-alive.ts";
import { Mirror } from "../mirror/mirror.ts";
import { leaseUntil } from "./stash-log.ts";
import { encodeMessage, ownerKey, stashName } from "../stream/message.ts";

const NODE = "AAAAAAAA";
const OWNER = "0000000000one";
const TTL_MS = 60_000;
const MAX_TTL_MS = 3_600_000;

/** A mirror with these stashes, all leased by this node at 0, but where it is said otherwise. */
function mirrorOf(ids: readonly string[], node: string | undefined = NODE): Mirror {
  const mirror = new Mirror(NODE);
  for (const [index, id] of ids.entries()) {
    const lease = leaseUntil(TTL_MS, 0, node);
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

test("one sign of life for all of them, at the time that sets no deadline too late", () => {
  const mirror = mirrorOf(["a", "b", "c"]);
  const requests = [request("a", 75_000), request("b", 75_100), request("c", 75_050)];
  expect(plan(mirror, requests)).toEqual({
    sign: { timeMs: 15_000, coversSeq: 3 },
    covered: [0, 1, 2],
    single: [],
    isLeased: true,
    strays: [],
  });
});

test("a request alone is a message of its own, and leaves the others as they are", () => {
  const mirror = mirrorOf(["a", "b", "c"]);
  expect(plan(mirror, [request("b", 75_000)])).toMatchObject({
    sign: undefined,
    single: [0],
    isLeased: false,
    strays: [],
  });
});

test.each<[string, readonly string[], readonly string[]]>([
  ["of one", ["a", "b", "c"], ["b"]],
  ["of several", ["a", "b", "c"], ["a", "b"]],
  ["of all", ["a", "b"], ["a", "b"]],
  ["after the node took another name", [], ["a", "b"]],
])("ends are messages of their own, and final: %s", (_, own, ended) => {
  const requests = ended.map((id) => final(id, 75_000));
  expect(plan(mirrorOf(own), requests)).toMatchObject({
    sign: undefined,
    covered: [],
    single: [...ended.keys()],
    isLeased: false,
    strays: [],
  });
});

test("what does not fit gets a message of its own: other deadlines, owners, old states, strangers", () => {
  const mirror = mirrorOf(["a", "b", "c", "d", "e"]);
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  const misfits = [
    request("d", 30_000),
    request("e", 75_000, "0000000000two"),
    request("x", 75_000),
  ];
  expect(plan(mirror, [...requests, ...misfits])).toMatchObject({
    covered: [0, 1, 2],
    single: [3, 4, 5],
    isLeased: true,
    strays: [stashName("d"), stashName("e")],
  });
  const old = mirrorOf(["a", "b"]);
  const nowMs = MAX_TTL_MS + 1;
  old.applySign(NODE, Buffer.from([0, 0, 0, 0x36, 0xee, 0x80, 0, 0, 0, 0, 0, 2]));
  const late = ["a", "b"].map((id) => request(id, nowMs + TTL_MS));
  expect(plan(old, late, nowMs)).toMatchObject({ sign: undefined, single: [0, 1] });
});

test("stashes that nobody asks for are not put off with the others", () => {
  const mirror = mirrorOf(["a", "b", "c", "left behind"]);
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  expect(plan(mirror, requests)).toMatchObject({
    covered: [0, 1, 2],
    strays: [stashName("left behind")],
  });
});

test("what was taken from another node is leased by this one from now on", () => {
  const mirror = mirrorOf(["a", "b", "c"], "BBBBBBBB");
  const requests = ["a", "b", "c"].map((id) => request(id, 75_000));
  expect(plan(mirror, requests)).toMatchObject({
    sign: undefined,
    single: [0, 1, 2],
    isLeased: true,
  });
});
