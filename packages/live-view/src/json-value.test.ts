import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LiveViewError } from "./errors.ts";
import { checkJson } from "./json-value.ts";

function refusal(value: unknown): string | undefined {
  try {
    checkJson(["socket.pushEvent", "saved"], "payload", value);
    return undefined;
  } catch (error) {
    if (!(error instanceof LiveViewError)) throw error;
    expect(error.code).toBe("invalid_value");
    return error.message;
  }
}

class Money {
  readonly amount = 5;
}
class Hidden {
  readonly #amount = 5;
  get amount(): number {
    return this.#amount;
  }
}
const cyclic: Record<string, unknown> = { name: "cyclic" };
cyclic["list"] = [{ back: cyclic }];
const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};
const holey: unknown[] = [1];
holey[2] = 3;

describe("checkJson() rejects", () => {
  test.each<[string, unknown, string]>([
    ["a bigint: send String(value)", { cart: { total: 5n } }, "payload.cart.total"],
    ["a function", { on: { click: () => 1 } }, "payload.on.click"],
    ["a symbol", { list: [Symbol("x")] }, "payload.list[0]"],
    ["NaN, which JSON makes null", { "per cent": Number.NaN }, 'payload["per cent"]'],
    ["-Infinity, which JSON makes null", [-Infinity], "payload[0]"],
    ["undefined in an array", { list: [1, undefined] }, "payload.list[1]"],
    ["a hole in an array", { list: holey }, "payload.list[1]"],
    ["an array with properties", { match: /b/.exec("abc") }, "payload.match"],
    ["an array with properties", { a: Object.assign([1], { [Symbol("x")]: 1 }) }, "payload.a"],
    ["an instance of Map", { users: new Map([["a", 1]]) }, "payload.users"],
    ["an instance of Map", { a: Object.assign(new Map(), { name: 1 }) }, "payload.a"],
    ["an instance of Set", { ids: new Set([1]) }, "payload.ids"],
    ["an instance of Uint8Array", { bytes: new Uint8Array(2) }, "payload.bytes"],
    ["an instance of ArrayBuffer", { bytes: new ArrayBuffer(2) }, "payload.bytes"],
    ["an instance of TypeError", { cause: new TypeError("x") }, "payload.cause"],
    ["an instance of Promise", { later: Promise.resolve(1) }, "payload.later"],
    ["an instance of RegExp", { pattern: /x/ }, "payload.pattern"],
    ["an instance of Headers", { headers: new Headers({ a: "b" }) }, "payload.headers"],
    ["an instance of Hidden", { money: new Hidden() }, "payload.money"],
    ["an instance of BigInt", { boxed: Object(5n) as unknown }, "payload.boxed"],
    ["an object with a symbol as key", { deep: { [Symbol("x")]: 1 } }, "payload.deep"],
    ["an invalid Date", { at: [new Date(Number.NaN)] }, "payload.at[0]"],
    ["undefined from a toJSON", { odd: { toJSON: () => undefined } }, "payload.odd"],
    ["a bigint", { odd: { toJSON: () => ({ a: 5n }) } }, "payload.odd.a"],
    ["a reference to a value that contains it", cyclic, "payload.list[0].back"],
    ["undefined", undefined, "payload"],
    ["a bigint", 5n, "payload"],
  ])("%s, with the call and the path", (found, value, path) => {
    const message = refusal(value);
    expect(message).toMatch(/^socket\.pushEvent\("saved"\): expected values that JSON can carry/);
    expect(message).toContain(`found ${found}`);
    expect(message).toContain(`at \`${path}\`.`);
  });

  test("more than 500 levels, with a path that is cut", () => {
    expect(refusal(nested(500))).toBeUndefined();
    const message = refusal(nested(501));
    expect(message).toContain("found more than 500 nested levels");
    expect(message?.length).toBeLessThan(300);
  });

  test("a value without showing it", () => {
    expect(refusal({ secret: "hunter2", bad: 5n })).not.toContain("hunter2");
  });
});

// JSON encodes -0 as 0, which is equal.
expect.addEqualityTesters([(a: unknown, b: unknown) => (a === 0 && b === 0 ? true : undefined)]);

describe("checkJson() accepts", () => {
  const shared = { name: "shared" };
  test.each<[string, unknown]>([
    ["JSON's own", { a: "ü\uD800", b: [1, -1.5, true, null, { c: [] }], e: {} }],
    ["a property that is undefined", { absent: undefined }],
    ["a Date", { at: new Date(0) }],
    ["a URL", { url: new URL("http://localhost/") }],
    ["a Buffer, by its toJSON", { bytes: Buffer.from("x") }],
    ["an instance with fields", { price: new Money() }],
    ["an object without prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["one object twice", { one: shared, two: [shared] }],
    ["boxed text and numbers", { text: Object("x") as unknown, number: Object(1) as unknown }],
    ["a mark of a library", Object.defineProperty({ a: 1 }, Symbol("mark"), { value: 1 })],
  ])("%s", (_name, value) => {
    expect(refusal(value)).toBeUndefined();
  });

  test("a bigint, if the application has defined its toJSON", () => {
    const prototype = BigInt.prototype as { toJSON?: unknown };
    Object.defineProperty(prototype, "toJSON", {
      configurable: true,
      value(this: bigint) {
        return this.toString();
      },
    });
    try {
      expect(refusal({ total: 5n })).toBeUndefined();
      expect(JSON.stringify({ total: 5n })).toBe('{"total":"5"}');
    } finally {
      delete prototype.toJSON;
    }
    expect(refusal({ total: 5n })).toContain("a bigint");
  });

  test("only values that JSON preserves, except for properties that are undefined", () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withSet: true, withSparseArray: true }),
        (value) => {
          if (refusal(value) !== undefined) return;
          taken += 1;
          const copy: unknown = JSON.parse(JSON.stringify(value));
          expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
          expect(copy).toEqual(value);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
