import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenForm } from "../src/token/token.ts";
import {
  createBrowserHeldAdapter,
  liveStash,
  recoverState,
  type RecoverResult,
  type SecurityMode,
  type StashError,
} from "../src/index.ts";
import { TOKEN_PARAM } from "../src/entries/host.ts";
import { FakeHost, SECRET, TestClock } from "./fake-page.ts";
import { settledHeapBytes } from "./settled-heap.ts";

/**
 * These records are sealed with the right secret, but no release writes such records: they are the
 * attempts that are left to an attacker with the secret, or the mistakes of a release.
 */
const isLong = process.env["LIVE_STASH_LONG"] === "1";
const RUNS = isLong ? 50_000 : 1_000;
const TIMEOUT_MS = isLong ? 1_800_000 : 60_000;
const TTL_MS = 60_000;
const MAX_STATE_BYTES = 1_048_576;

const FORMAT = 1;
const COMPRESSED = 1;
const TABLE = 2;
const VERSION = 4;

const clock = new TestClock();

interface Assigns {
  count: number;
  draft?: unknown;
}

function record(flags: number, payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
  return Buffer.concat([Buffer.of(FORMAT, flags, 1, 2, 3, 4, 5, 6), bytes]);
}

function compressed(text: string | Uint8Array): Buffer {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } });
}

function victims(securityMode: SecurityMode) {
  const adapter = createBrowserHeldAdapter({ securityMode, maxBytes: MAX_STATE_BYTES });
  const errors: StashError[] = [];
  const hook = liveStash<Assigns>({
    storedKeys: ["count", "draft"],
    adapter,
    secret: SECRET,
    ttlMs: TTL_MS,
    clock,
    onError: (error) => errors.push(error),
  });
  const form = createTokenForm([SECRET], adapter, TTL_MS);
  const scope = { adapter: adapter.name, view: "counter", session: "id:session-1" };
  const seal = (adapterData: Uint8Array): string => {
    const id = randomBytes(16).toString("base64url");
    return form.mint(scope, { id, adapterData }, clock.now() + TTL_MS).token;
  };
  const recover = async (adapterData: Uint8Array) => {
    const params = { _mounts: 1, [TOKEN_PARAM]: seal(adapterData) };
    const view = new FakeHost<Assigns>({ count: -1 }, { params });
    hook.onMount(view);
    const result = await recoverState(view);
    await hook.onTerminate(view, "disconnected");
    return { view, result };
  };
  return { recover, errors };
}

function expectHarmless(view: FakeHost<Assigns>, result: RecoverResult): void {
  if (result.status !== "recovered") {
    expect(result).toMatchObject({ status: "error" });
    expect(view.assigns).toEqual({ count: -1 });
  }
  for (const key of Object.keys(view.assigns)) expect(["count", "draft"]).toContain(key);
  expect(Object.getPrototypeOf(view.assigns)).toBe(Object.prototype);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
}

const POLLUTION = '{"polluted":true}';
const named: [string, Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["a header without a state", record(0, "")],
  ["an unknown format", Buffer.from([9, 0, 1, 2, 3, 4, 5, 6, 123, 125])],
  ["unknown flags", record(8, "{}")],
  ["a version that is longer than the record", record(VERSION, "\u00ff\u00ff{}")],
  ["a version that is none", record(VERSION, "\u0000\u0002{}{}")],
  ["a bomb of 64 MiB", record(COMPRESSED, compressed(Buffer.alloc(67_108_864, "[")))],
  [
    "a bomb of one byte too much",
    record(COMPRESSED, compressed(Buffer.alloc(MAX_STATE_BYTES + 1, " "))),
  ],
  [
    "half of something compressed",
    record(COMPRESSED, compressed(randomBytes(900)).subarray(0, 400)),
  ],
  ["text that is no UTF-8", record(0, Buffer.from([123, 34, 0xff, 34, 125]))],
  ["a list", record(0, "[1]")],
  ["a number", record(0, "1")],
  ["null", record(0, "null")],
  [
    "arrays nested 250,000 deep",
    record(0, `{"count":${"[".repeat(250_000)}${"]".repeat(250_000)}}`),
  ],
  ["objects nested 40,000 deep", record(0, `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`)],
  ["half of a nest", record(0, "[".repeat(250_000))],
  [
    "a table nested deep",
    record(
      TABLE,
      JSON.stringify(Array.from({ length: 20_000 }, (_, at) => ["o", "count", [at + 1]])),
    ),
  ],
  ["a table that names what is not there", record(TABLE, '[["o","count",[7]]]')],
  ["a table that names parts of the language", record(TABLE, '[["o","count",["constructor"]]]')],
  ["a table of unknown things", record(TABLE, '[["o","count",[1]],["f","alert(1)"]]')],
  ["a typed array of no known name", record(TABLE, '[["o","draft",[1]],["t","Function",""]]')],
  ["a bigint that is none", record(TABLE, '[["o","count",["b","1e9999999"]]]')],
  ["a prototype at the top", record(0, `{"__proto__":${POLLUTION}}`)],
  ["a prototype within", record(0, `{"draft":{"a":[{"__proto__":${POLLUTION}}]}}`)],
  [
    "a prototype in a table",
    record(TABLE, '[["o","draft",[1]],["o","__proto__",[2]],["o","polluted",true]]'),
  ],
  [
    "a prototype at the top of a table",
    record(TABLE, '[["o","__proto__",[1]],["o","polluted",true]]'),
  ],
];

/** Texts like those of a state, with every name that could reach a prototype, in any place. */
const treacherousKey = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "count",
  "draft",
  "a",
);
const { value: treacherous } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("1", "null", "true", '"x"', POLLUTION),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(treacherousKey, tie("value")), { maxLength: 3 })
      .map((entries) => `{${entries.map(([key, item]) => `"${key}":${item}`).join()}}`),
  ),
}));
const slot = fc.oneof(
  fc.constantFrom<unknown>(1, "x", null, ["u"], ["b", "1"], ["n"], ["?"], {}, ["__proto__"]),
  fc.nat(6).map((index) => [index]),
);
const node = fc.oneof(
  fc
    .array(fc.tuple(treacherousKey, slot), { maxLength: 3 })
    .map((entries) => ["o", ...entries.flat(1)]),
  fc.array(slot, { maxLength: 4 }).map((slots) => ["m", ...slots]),
  fc.array(slot, { maxLength: 4 }).map((slots) => ["p", ...slots]),
  fc.array(slot, { maxLength: 4 }).map((slots) => ["s", ...slots]),
  fc.array(fc.anything({ maxDepth: 1 }), { maxLength: 4 }),
);
const hostileRecord = fc.oneof(
  treacherous.map((text) => record(0, text)),
  treacherous.map((text) => record(COMPRESSED, compressed(text))),
  fc.array(node, { maxLength: 6 }).map((nodes) => record(TABLE, JSON.stringify(nodes, jsonSafe))),
  fc.tuple(fc.nat(7), fc.uint8Array({ maxLength: 60 })).map(([flags, tail]) => record(flags, tail)),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

describe.each<SecurityMode>(["encrypt", "sign"])("a hostile record (%s)", (mode) => {
  const { recover, errors } = victims(mode);

  it.each(named)("of %s is unreadable, and changes nothing", async (_name, bytes) => {
    errors.length = 0;
    const { view, result } = await recover(bytes);
    expect(result).toMatchObject({ status: "error", reason: "unreadable" });
    expectHarmless(view, result);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message.length).toBeLessThan(400);
  });

  it("leaves no memory behind", async () => {
    const recoverAll = async (): Promise<number> => {
      for (const [, bytes] of named) await recover(bytes);
      errors.length = 0;
      return settledHeapBytes();
    };
    await recoverAll();
    const before = await recoverAll();
    expect((await recoverAll()) - before).toBeLessThan(MAX_STATE_BYTES);
  });

  it("of any other kind assigns no key that is not declared", { timeout: TIMEOUT_MS }, async () => {
    let recovered = 0;
    await fc.assert(
      fc.asyncProperty(hostileRecord, async (bytes) => {
        const { view, result } = await recover(bytes);
        expectHarmless(view, result);
        if (result.status === "recovered") recovered += 1;
        errors.length = 0;
      }),
      { numRuns: RUNS },
    );
    expect(recovered).toBeGreaterThan(0);
  });

  it("is not decrypted if it is larger than the adapter's limit", async () => {
    const { result } = await recover(Buffer.alloc(7_500_000, "A"));
    expect(result).toEqual({ status: "error", reason: "reference_rejected" });
  });
});
