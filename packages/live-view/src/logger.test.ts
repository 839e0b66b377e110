import { Console } from "node:console";
import { Writable } from "node:stream";
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

/** What views have thrown, and worse. */
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

test.each(badCauses)("a line about %s is printed by console without a throw", (_, cause) => {
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

test("a logger that throws or rejects is nobody's failure but its own", async () => {
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

test("a cause that can be printed is handed on as it is", () => {
  const { calls, logger } = collect();
  const cause = new TypeError("usual", { cause: new Error("inner") });
  logger.error("line", cause);
  expect(calls[0]?.[1]).toBe(cause);
});

test("texts of a cause are cut where they are long, also in the cause's own causes", () => {
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
