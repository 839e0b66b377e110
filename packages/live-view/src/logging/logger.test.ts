import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { guardLogger } from "./logger.ts";

function collect(report: (...args: unknown[]) => unknown = () => undefined) {
  const calls: unknown[][] = [];
  const take = (...args: unknown[]): void => {
    calls.push(args);
    return report(...args) as void;
  };
  return { calls, logger: guardLogger({ error: take, warn: take }) };
}

/** Values that views have thrown, and values that throw when they are printed. */
const badCauses: [name: string, cause: unknown][] = [
  ["null", null],
  ["a symbol", Symbol("s")],
  [
    "a Proxy whose traps throw",
    new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error("trap");
        },
        get() {
          throw new Error("trap");
        },
        ownKeys() {
          throw new Error("trap");
        },
      },
    ),
  ],
  ...["stack", "message", "name", "cause"].map((key): [string, unknown] => [
    `an error whose ${key} throws`,
    Object.defineProperty(new Error("x"), key, {
      get() {
        throw new Error("getter");
      },
    }),
  ]),
  [
    "an object whose inspection throws",
    {
      [Symbol.for("nodejs.util.inspect.custom")]() {
        throw new Error("inspect");
      },
    },
  ],
  [
    "an object whose toString and toJSON throw",
    {
      toString() {
        throw new Error("toString");
      },
      toJSON() {
        throw new Error("toJSON");
      },
    },
  ],
];

test.each(badCauses)("a line about %s is printed by console without throwing", (_, cause) => {
  const printed: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      printed.push(String(chunk));
      done();
    },
  });
  guardLogger(new Console(stream)).error("live-view: it crashed", cause);
  expect(printed.join("")).toContain("live-view: it crashed");
});

test("a logger that throws or rejects does not affect its caller", async () => {
  const unhandled: unknown[] = [];
  const note = (cause: unknown): void => void unhandled.push(cause);
  process.on("unhandledRejection", note);
  const throwing = collect(() => {
    throw new Error("the disk is full");
  });
  const rejecting = collect(() => Promise.reject(new Error("the disk is full")));
  for (const { logger } of [throwing, rejecting]) {
    logger.error("one");
    logger.error("two", new Error("cause"));
    logger.warn("three");
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  expect(rejecting.calls.map(([line]) => line)).toEqual(["one", "two", "three"]);
});

test("a cause that can be printed is passed on unchanged", () => {
  const { calls, logger } = collect();
  const cause = new TypeError("usual", { cause: new Error("inner") });
  logger.error("line", cause);
  expect(calls[0]?.[1]).toBe(cause);
});

test("long texts of a cause are cut, and also those of the cause's own causes", () => {
  const { calls, logger } = collect();
  const inner = Object.assign(new Error("i".repeat(1_000_000)), { code: "inner_code" });
  logger.error("m".repeat(1_000_000), new RangeError("outer", { cause: inner }));
  logger.error("line", "s".repeat(1_000_000));
  const [[line, outer], [, text]] = calls as [[string, Error], [string, string]];
  expect(line.length).toBeLessThan(1100);
  expect(text.length).toBeLessThan(2100);
  expect(outer.name).toBe("RangeError");
  expect(outer.message).toBe("outer");
  const cut = outer.cause as Error & { code?: string };
  expect(cut.message.length).toBeLessThan(2100);
  expect(cut.stack?.length).toBeLessThan(8100);
  expect(cut.code).toBe("inner_code");
});

test("a line of the log stays one line", () => {
  const { calls, logger } = collect();
  logger.warn('event "a\nb\u2028c"');
  expect(calls[0]?.[0]).not.toMatch(/[\n\u2028]/);
});

/** Prints a cause in full, as `console` does and as a logger that writes JSON does. */
const printed = (value: unknown): string =>
  inspect(value, { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity }) +
  (JSON.stringify({ ...(value as object), value }) ?? "");

const LONG = "x".repeat(1_000_000);
const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`key${n}`, n]));
const cyclic: Record<string, unknown> = { text: LONG };
cyclic.self = [cyclic, cyclic];

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (cause) {
    return cause;
  }
  return undefined;
}

test.each<[name: string, cause: unknown]>([
  ["the input that Node.js keeps of a URL", thrownBy(() => new URL(LONG))],
  ["an error with an object", Object.assign(new Error("x"), { request: { body: { text: LONG } } })],
  ["an error with a long code", Object.assign(new Error("x"), { code: LONG })],
  ["an error with a list", Object.assign(new Error("x"), { values: Array(100_000).fill("v") })],
  ["an error with wide properties", Object.assign(new Error("x"), wide)],
  ["an error of errors", new AggregateError(Array.from({ length: 1000 }, () => new Error(LONG)))],
  ["an error with itself", Object.assign(new Error("x"), { text: LONG, ...cyclic })],
  ["an error whose cause is no error", new Error("x", { cause: { text: LONG } })],
  ["an object", { text: LONG }],
  ["an object in an object", { a: { b: { c: { d: LONG } } } }],
  ["an object of many keys", wide],
  ["an object with a long key", { [LONG]: 1 }],
  ["an object with itself", cyclic],
  ["a list", Array(100_000).fill("v")],
  ["lists in lists", Array(100).fill(Array(100).fill(Array(100).fill("v")))],
  ["a map", new Map([["key", LONG]])],
  ["a set", new Set(Array.from({ length: 100_000 }, String))],
  ["bytes", { bytes: Buffer.alloc(1_000_000) }],
  ["a URL", new URL(`http://app.test/${LONG}`)],
  ["a symbol", Symbol(LONG)],
  ["a bigint", 10n ** 100_000n],
])("the log receives a bounded copy of %s", (_, cause) => {
  const { calls, logger } = collect();
  logger.error("line", cause);
  expect(cause).toBeDefined();
  expect(printed(calls[0]?.[1]).length).toBeLessThan(100_000);
});

test("a cut text keeps its beginning, and states its full length", () => {
  const { calls, logger } = collect();
  logger.error(
    "line",
    thrownBy(() => new URL(LONG)),
  );
  logger.error("line", { reason: "no", list: Array(100_000).fill("v") });
  const [[, error], [, object]] = calls as [[string, Error], [string, Record<string, unknown>]];
  expect(error).toMatchObject({
    name: "TypeError",
    message: "Invalid URL",
    code: "ERR_INVALID_URL",
  });
  expect((error as Error & { input: string }).input).toMatch(/^x+… \(1000000 characters\)$/);
  expect(object).toMatchObject({ reason: "no" });
  expect(String((object.list as unknown[]).at(-1))).toMatch(/^\d+ more of 100000$/);
});

test.each<[name: string, cause: unknown]>([
  ["an error with a code", Object.assign(new Error("x"), { code: "ECONNRESET", errno: -104 })],
  ["an error with what is no number", Object.assign(new Error("x"), { value: Number.NaN })],
  ["an object", { reason: "no", at: new Date(0), list: [1, { two: 2n }], none: undefined }],
  ["an error of errors", new AggregateError([new Error("one"), new Error("two")])],
  ["a map", new Map([["key", "value"]])],
])("a short cause is passed on unchanged: %s", (_, cause) => {
  const { calls, logger } = collect();
  logger.error("line", cause);
  expect(calls[0]?.[1]).toBe(cause);
});
