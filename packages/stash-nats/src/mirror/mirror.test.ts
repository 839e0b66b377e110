import { expect, test } from "vitest";
import { createRandom } from "@live-stash/test-servers/random";
import { changeOf } from "../log/stash-log.ts";
import {
  encodeMessage,
  encodeHeartbeat,
  ownerKey,
  type StashMessage,
  leaseFor,
} from "../stream/message.ts";
import { KEPT_MESSAGES, MAX_UPDATES } from "../stream/stream.ts";
import { Mirror } from "./mirror.ts";

const NODE = "AAAAAAAA";
const [one, two] = [ownerKey("0000000000one"), ownerKey("0000000000two")];
const lease = { deadlineMs: 1_000, node: NODE, lengthMs: 600 };

function stateOf(text: string, followsSeq: number, owner = one): StashMessage {
  return { kind: "state", followsSeq, owner, lease, record: Buffer.from(text) };
}

function mirrorOf(...messages: readonly StashMessage[]): Mirror {
  const mirror = new Mirror(NODE);
  for (const [index, message] of messages.entries()) {
    mirror.applyStash("name", index + 1, encodeMessage(message), 0);
    mirror.advance(index + 1);
  }
  return mirror;
}

const recordIn = (mirror: Mirror): string | undefined =>
  mirror.living("name", 0)?.record.toString();

test("of two messages with the same predecessor, the first is accepted", () => {
  const mirror = mirrorOf(
    stateOf("first", 0),
    { kind: "update", followsSeq: 1, owner: two, lease },
    stateOf("late", 1),
  );
  expect(mirror.living("name", 0)).toMatchObject({ seq: 2, owner: two, messagesSince: 2 });
  expect(recordIn(mirror)).toBe("first");
});

test("a mirror reports which messages it accepts", () => {
  const mirror = mirrorOf(stateOf("first", 0));
  const accepted = [stateOf("second", 1), stateOf("late", 1), stateOf("third", 2)].map(
    (message, index) => mirror.applyStash("name", index + 2, encodeMessage(message), 0),
  );
  expect(accepted).toEqual([true, false, true]);
});

test("a forgotten stash stays forgotten when a message with an older predecessor follows", () => {
  const mirror = mirrorOf(stateOf("first", 0), { kind: "gone", followsSeq: 1 }, stateOf("late", 1));
  expect(recordIn(mirror)).toBeUndefined();
  expect(mirror.knowledgeOf("name", 0).lastSeq).toBe(2);
});

test("a message of an unknown format changes nothing", () => {
  const mirror = mirrorOf(stateOf("first", 0));
  mirror.applyStash("name", 2, Buffer.from([0xff, 1, 2, 3, 4, 5, 6, 7]), 0);
  expect(recordIn(mirror)).toBe("first");
});

test("a heartbeat extends each earlier lease of its node, to the heartbeat's time and the lease's length", () => {
  const mirror = mirrorOf(stateOf("first", 0));
  mirror.applyStash("ended", 2, encodeMessage(stateOf("other", 0)), 0);
  const ended = { deadlineMs: 1_000, node: undefined, lengthMs: 0 };
  const end: StashMessage = { kind: "update", followsSeq: 2, owner: undefined, lease: ended };
  mirror.applyStash("ended", 3, encodeMessage(end), 0);
  mirror.applyHeartbeat(NODE, encodeHeartbeat({ timeMs: 900, coversSeq: 3 }));
  mirror.applyStash("new", 5, encodeMessage(stateOf("new", 0)), 0);

  expect([...mirror.leased]).toEqual(["name", "new"]);
  const namesAt = (nowMs: number): string[] =>
    ["name", "ended", "new"].filter((name) => mirror.living(name, nowMs) !== undefined);
  expect(namesAt(999)).toEqual(["name", "ended", "new"]);
  expect(namesAt(1_000)).toEqual(["name"]);
  expect(namesAt(1_500)).toEqual([]);
});

test("a heartbeat that arrives after a later one changes nothing", () => {
  const mirror = mirrorOf(stateOf("first", 0));
  mirror.applyHeartbeat(NODE, encodeHeartbeat({ timeMs: 900, coversSeq: 1 }));
  mirror.applyHeartbeat(NODE, encodeHeartbeat({ timeMs: 800, coversSeq: 1 }));
  expect(mirror.living("name", 1_499)).toBeDefined();
});

test("a sweep drops expired stashes with their bytes, and reports those that its node has leased", () => {
  const mirror = mirrorOf(stateOf("first", 0));
  mirror.applyStash("other", 2, encodeMessage(stateOf("other", 0)), 0);
  const before = mirror.bytes;
  expect(mirror.sweep(999, 0)).toBe(false);
  expect([mirror.size, mirror.bytes]).toEqual([2, before]);
  expect(mirror.sweep(1_000, 0)).toBe(true);
  expect([mirror.size, mirror.bytes]).toEqual([0, 0]);
});

test("a mirror that reads only the messages that servers still keep comes to the same result", () => {
  const random = createRandom(7);
  /** The number of nodes that may write before they know of each other. */
  const writersAtOnce = KEPT_MESSAGES - 1 - MAX_UPDATES;
  for (let round = 0; round < 300; round += 1) {
    const log: Buffer[] = [];
    let value = 0;
    const upTo = (seq: number, from = 0): Mirror => {
      const mirror = new Mirror(NODE);
      for (const [index, bytes] of log.entries()) {
        if (index >= from && index < seq) mirror.applyStash("name", index + 1, bytes, 0);
      }
      return mirror;
    };
    const length = 10 + random.below(30);
    while (log.length < length) {
      // All of these writers decide from the same mirror; their messages are stored one after the other.
      const writers = log.length === 0 ? 1 : 1 + random.below(writersAtOnce);
      const knows = upTo(log.length);
      const written = Array.from({ length: writers }, (_, at) => {
        const entry = knows.living("name", 0);
        const lasting = leaseFor(1_000_000, 0, NODE);
        value += 1;
        const isSave = entry === undefined || random.below(3) === 0;
        const owner = ownerKey(`0000000000${log.length + at}`);
        const record = Buffer.from(String(value));
        return encodeMessage(
          isSave
            ? { kind: "state", followsSeq: entry?.seq ?? 0, owner, lease: lasting, record }
            : changeOf(entry, owner, lasting, 0, 1_000),
        );
      });
      log.push(...written);
    }
    const all = upTo(log.length);
    const kept = upTo(log.length, log.length - KEPT_MESSAGES);
    const { lastSeq, entry } = all.knowledgeOf("name", 0);
    expect(kept.knowledgeOf("name", 0)).toMatchObject({
      lastSeq,
      entry: { owner: entry?.owner, record: entry?.record },
    });
  }
});
