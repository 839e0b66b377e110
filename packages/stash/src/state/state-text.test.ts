import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StashError } from "../errors.ts";
import { MAX_DEPTH } from "./inspect-state.ts";
import { decodeState, encodeState, type StateText } from "./state-text.ts";

const MAX_BYTES = 1_048_576;

function encode(state: object): StateText {
  const written = encodeState(state, MAX_BYTES);
  if (written === "too_large") throw new Error("Expected a state within the limit.");
  return written;
}

function roundTrip(state: object): object {
  return decodeState(encode(state));
}

function refusal(state: object): StashError {
  try {
    encodeState(state, MAX_BYTES);
  } catch (error) {
    if (error instanceof StashError) return error;
    throw error;
  }
  throw new Error("Expected the state to be refused.");
}

function nested(levels: number): object {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = { in: value };
  return { value };
}

describe("a state text", () => {
  it("is JSON if JSON can express the state", () => {
    const state = { text: "ü\u{1F600}\uD800", list: [1, null, true, { a: 1.5 }], empty: {} };
    expect(encode(state)).toEqual({ form: "json", text: JSON.stringify(state) });
    expect(roundTrip(state)).toStrictEqual(state);
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["infinity", Infinity],
    ["negative infinity", -Infinity],
    ["negative zero", -0],
    ["bigint", -123_456_789_012_345_678_901_234_567_890n],
    ["date", new Date(1_800_000_000_000)],
    ["invalid date", new Date(Number.NaN)],
    [
      "map",
      new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, new Map([[1n, undefined]])],
      ]),
    ],
    ["set", new Set<unknown>([1, "1", [1], new Set([Number.NaN])])],
    ["array with undefined", [1, undefined, 3]],
    ["bytes", new Uint8Array([0, 1, 255])],
    ["view of a part", new Uint8Array([9, 1, 2, 9]).subarray(1, 3)],
    ["floats", new Float64Array([Number.NaN, -0, Math.PI])],
    ["big integers", new BigUint64Array([0n, 2n ** 64n - 1n])],
    ["buffer", new Uint8Array([1, 2, 3]).buffer],
    ["empty buffer", new ArrayBuffer(0)],
    ["object without prototype", Object.assign(Object.create(null) as object, { a: 1 })],
  ])("keeps %s", (_name, value) => {
    const state = { value, other: [{ value }] };
    expect(encode(state).form).toBe("table");
    expect(roundTrip(state)).toStrictEqual(state);
  });

  it("keeps the value that a getter returns", () => {
    const state = {
      price: 2,
      get double() {
        return this.price * 2;
      },
    };
    const copy = roundTrip({ state }) as { state: object };
    expect(Object.getOwnPropertyDescriptor(copy.state, "double")).toMatchObject({ value: 4 });
  });

  it("keeps shared and cyclic references", () => {
    const shared = { name: "shared" };
    const state: Record<string, unknown> = { one: shared, two: [shared] };
    state["self"] = state;
    state["map"] = new Map([[shared, shared]]);
    const copy = roundTrip(state) as typeof state & { two: unknown[]; map: Map<unknown, unknown> };
    expect(copy["self"]).toBe(copy);
    expect(copy.two[0]).toBe(copy["one"]);
    expect(copy.map.get(copy["one"])).toBe(copy["one"]);
    expect(copy["one"]).not.toBe(shared);
  });

  it("is decoded as new objects each time", () => {
    const written = encode({ list: [new Date(0)], bytes: new Uint8Array(2) });
    const one = decodeState(written) as { list: Date[]; bytes: Uint8Array };
    const other = decodeState(written) as typeof one;
    expect(one).toStrictEqual(other);
    expect(one.list).not.toBe(other.list);
    expect(one.bytes.buffer).not.toBe(other.bytes.buffer);
  });
});

describe("encodeState()", () => {
  class Cart {
    items: unknown[] = [];
  }
  const withKey = (key: PropertyKey): object =>
    Object.defineProperty({}, key, { value: 1, enumerable: true });

  it.each<[string, object, string]>([
    ["a function", { cart: { items: [0, 1, 2, { onClick: () => 1 }] } }, "`cart.items[3].onClick`"],
    ["a symbol", { a: { "b c": Symbol("x") } }, '`a["b c"]`'],
    ["an instance of Cart", { cart: new Cart() }, "`cart`"],
    ["an instance of Buffer", { bytes: Buffer.from("x") }, "`bytes`"],
    ["an instance of Error", { list: [new Error("x")] }, "`list[0]`"],
    ["an instance of Promise", { later: Promise.resolve(1) }, "`later`"],
    ["an instance of RegExp", { lookup: new Map([["a", /x/]]) }, "`lookup.entries[0].value`"],
    ["an instance of WeakMap", { tags: new Set([1, new WeakMap()]) }, "`tags.values[1]`"],
    [
      "an instance of an unnamed class",
      { odd: Object.create(Object.create(null) as object) as object },
      "`odd`",
    ],
    ["an instance of Map", { fake: Object.create(Map.prototype) as object }, "`fake`"],
    ["a key that names a prototype", { deep: [withKey("__proto__")] }, "`deep[0].__proto__`"],
    ["an object with a symbol as key", { deep: withKey(Symbol("x")) }, "`deep`"],
  ])("rejects %s and names the path", (found, state, path) => {
    const error = refusal(state);
    expect(error.code).toBe("unsupported_value");
    expect(error.message).toContain(path);
    expect(error.message).toContain(`found ${found}`);
  });

  const holey = (length: number, hole: number): unknown[] => {
    const list: unknown[] = [];
    for (let index = 0; index < length; index += 1) if (index !== hole) list[index] = index;
    list.length = length;
    return list;
  };
  const hidden = <T extends object>(value: T): T =>
    Object.defineProperty(value, "secret", { value: 1, enumerable: false });

  it.each<[string, object, string]>([
    ["a hole in an array", { cart: [holey(3, 1)] }, "`cart[0][1]`"],
    ["a hole in an array", { list: [1, 2, 3, 4].concat(holey(3, 2) as number[]) }, "`list[6]`"],
    ["a hole in an array", { list: Object.assign(holey(3, 0), { extra: 1 }) }, "`list[0]`"],
    ["a hole in an array", { list: Object.assign(holey(5, 4), { extra: undefined }) }, "`list[4]`"],
    ["a property on an array", { deep: { match: /b/.exec("abc") } }, "`deep.match.index`"],
    ["a property on an array", { list: Object.assign([], { total: 3 }) }, "`list.total`"],
    ["a property on an array", { list: Object.assign([1n], { "-1": 3 }) }, '`list["-1"]`'],
    ["a property on an array", { list: Object.assign([1], { toJSON: null }) }, "`list.toJSON`"],
    ["an array with a symbol as key", { list: Object.assign([1], { [Symbol("x")]: 1 }) }, "`list`"],
    ["a property on a Date", { at: Object.assign(new Date(), { zone: "UTC" }) }, "`at.zone`"],
    ["a property on a Date", { at: hidden(new Date()) }, "`at.secret`"],
    [
      "a Date with a symbol as key",
      { at: Object.assign(new Date(), { [Symbol("x")]: 1 }) },
      "`at`",
    ],
    ["a property on a Map", { map: Object.assign(new Map(), { name: "m" }) }, "`map.name`"],
    ["a property on a Set", { set: Object.assign(new Set(), { name: "s" }) }, "`set.name`"],
    [
      "a property on an ArrayBuffer",
      { raw: Object.assign(new ArrayBuffer(1), { x: 1 }) },
      "`raw.x`",
    ],
    ["a property on a Uint8Array", { raw: Object.assign(new Uint8Array(2), { x: 1 }) }, "`raw.x`"],
    [
      "a property on a Float64Array",
      { raw: Object.assign(new Float64Array(1_000), { "... 1000 more items ]": 1 }) },
      '`raw["... 1000 more items ]"]`',
    ],
    [
      "a Uint8Array with a symbol as key",
      { raw: Object.assign(new Uint8Array(2), { [Symbol("x")]: 1 }) },
      "`raw`",
    ],
    ["a property that is not enumerable", { deep: [hidden({ a: 1 })] }, "`deep[0].secret`"],
    [
      "a property that is not enumerable",
      { bare: hidden(Object.create(null) as object) },
      "`bare.secret`",
    ],
  ])("rejects %s, which would be lost, and names the path", (found, state, path) => {
    const error = refusal(state);
    expect(error.code).toBe("unsupported_value");
    expect(error.message).toContain(`Cannot stash ${path}`);
    expect(error.message).toContain(`found ${found}`);
  });

  it("accepts arrays and typed arrays of any length without added properties", () => {
    for (const length of [0, 1, 2, 63, 64, 65, 101, 1_000, 100_000]) {
      const state = {
        list: Array.from({ length }, () => undefined),
        bytes: new Uint8Array(length),
      };
      expect(isDeepStrictEqual(roundTrip(state), state)).toBe(true);
    }
  });

  it("rejects values that are nested too deeply, with a shortened path", () => {
    expect(roundTrip(nested(MAX_DEPTH))).toStrictEqual(nested(MAX_DEPTH));
    const error = refusal(nested(MAX_DEPTH + 1));
    expect(error.code).toBe("unsupported_value");
    expect(error.message.length).toBeLessThan(500);
  });

  it("shows no value in its errors", () => {
    expect(refusal({ secret: "hunter2", bad: () => "hunter2" }).message).not.toContain("hunter2");
  });
});

describe("a key that names a part of a prototype", () => {
  it.each(["constructor", "prototype", "toString", "hasOwnProperty"])(
    "is data if it is %s",
    (key) => {
      for (const extra of [{}, { rich: 1n }]) {
        const state = { [key]: { [key]: "mine" }, ...extra };
        const copy = roundTrip(state);
        // toStrictEqual() would take the key for the class.
        expect(isDeepStrictEqual(copy, state)).toBe(true);
        expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
      }
      expect(Object.hasOwn(Object.prototype, "mine")).toBe(false);
    },
  );

  it.each<StateText>([
    { form: "json", text: '{"a":{"__proto__":{"polluted":1}}}' },
    { form: "json", text: '{"a":[{"\\u005f_proto__":1}]}' },
    { form: "table", text: '[["o","__proto__",[1]],["o","polluted",1]]' },
  ])("is rejected if it is __proto__: $text", (written) => {
    expect(() => decodeState(written)).toThrow(StashError);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("the limits of a state text", () => {
  it("reject objects and arrays that are nested too deeply", () => {
    const nestedBy = (open: string, close: string, times: number): StateText => ({
      form: "json",
      text: `{"a":${open.repeat(times)}1${close.repeat(times)}}`,
    });
    const deeper = MAX_DEPTH + 1;
    for (const written of [
      nestedBy('{"a":', "}", deeper),
      nestedBy("[", "]", deeper),
      nestedBy('[{"a":', "}]", Math.ceil(deeper / 2)),
    ]) {
      expect(() => decodeState(written)).toThrow(StashError);
    }
    const wide = { list: Array.from({ length: 2 * MAX_DEPTH }, () => ({ a: [1] })) };
    expect(roundTrip(wide)).toStrictEqual(wide);
  });

  it("reject a huge state as too_large without encoding it", () => {
    const sparse: unknown[] = [];
    sparse[4_000_000_000] = 1;
    expect(encodeState({ sparse }, 1_000)).toBe("too_large");
    expect(encodeState({ text: "x".repeat(1_000) }, 1_000)).toBe("too_large");
    expect(encodeState({ bytes: new Uint8Array(1_001) }, 1_000)).toBe("too_large");
    expect(encodeState({ list: Array.from({ length: 400 }, () => "abc") }, 1_000)).toBe(
      "too_large",
    );
  });
});

describe("decodeState()", () => {
  it.each<StateText>([
    { form: "json", text: "" },
    { form: "json", text: "[1]" },
    { form: "json", text: "null" },
    { form: "json", text: "7" },
    { form: "json", text: `{"a":${"[".repeat(600)}${"]".repeat(600)}}` },
    { form: "json", text: "[".repeat(100_000) },
    { form: "table", text: "{}" },
    { form: "table", text: "[]" },
    { form: "table", text: '["o"]' },
    { form: "table", text: '[["a",1]]' },
    { form: "table", text: '[["o","a"]]' },
    { form: "table", text: '[["o","a",[1]]]' },
    { form: "table", text: '[["o","a",[-1]]]' },
    { form: "table", text: '[["o","a",[0.5]]]' },
    { form: "table", text: '[["o","a",{}]]' },
    { form: "table", text: '[["o",1,1]]' },
    { form: "table", text: '[["o","a",["x"]]]' },
    { form: "table", text: '[["o","a",["b","1e9"]]]' },
    { form: "table", text: '[["o","a",["b"]]]' },
    { form: "table", text: '[["o","a",[1]],["t","Uint16Array","AQ=="]]' },
    { form: "table", text: '[["o","a",[1]],["t","constructor","AQ=="]]' },
    { form: "table", text: '[["o","a",[1]],["r",1]]' },
    { form: "table", text: '[["o"],["o"]]' },
    { form: "table", text: '[["z"]]' },
  ])("rejects $form $text", (written) => {
    expect(() => decodeState(written)).toThrow(
      expect.objectContaining({ code: "unreadable_record" }) as StashError,
    );
  });

  it("rejects a table that is nested too deeply", () => {
    const nodes = Array.from({ length: MAX_DEPTH + 2 }, (_, index) => ["o", "in", [index + 1]]);
    nodes.push(["o"]);
    expect(() => decodeState({ form: "table", text: JSON.stringify(nodes) })).toThrow(StashError);
  });

  it("quotes no text in its errors", () => {
    for (const text of ["hunter2", '{"a": hunter2}']) {
      try {
        decodeState({ form: "json", text });
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(StashError);
        expect((error as StashError).message).not.toContain("hunter2");
        expect((error as StashError).cause).toBeUndefined();
      }
    }
  });
});

const typedArray = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(undefined, null, true, false, Number.NaN, Infinity, -Infinity, -0),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    typedArray,
    fc.uint8Array().map((bytes) => new Uint8Array(bytes).buffer),
    fc.array(tie("value")),
    fc.dictionary(
      fc
        .oneof(fc.string(), fc.constantFrom("constructor", "prototype", "toString", "length", "0"))
        .filter((key) => key !== "__proto__"),
      tie("value"),
    ),
    fc.array(fc.tuple(tie("value"), tie("value"))).map((entries) => new Map(entries)),
    fc.array(tie("value")).map((values) => new Set(values)),
  ),
}));

/** For isDeepStrictEqual(), which takes an invalid date for unequal to itself. */
function withComparableDates(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? INVALID_DATE : value;
  if (Array.isArray(value)) return value.map(withComparableDates);
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, item].map(withComparableDates) as never));
  }
  if (value instanceof Set) return new Set([...value].map(withComparableDates));
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withComparableDates(item)]),
  );
}

const INVALID_DATE = { invalid: "date" };

describe("random states", () => {
  it("are decoded as they were encoded", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const [copy, original] = [roundTrip({ value }), { value }].map(withComparableDates);
        expect(isDeepStrictEqual(copy, original)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("keep shared and cyclic references between all their objects", () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }).map((edges) => {
        const nodes = Array.from({ length: size }, (_, name) => ({ name, next: [] as unknown[] }));
        for (const [from, to] of edges) nodes[from]?.next.push(nodes[to]);
        return { root: nodes[0], all: new Set(nodes) };
      }),
    );
    fc.assert(
      fc.property(graph, (state) => {
        expect(roundTrip(state)).toStrictEqual(state);
      }),
    );
  });

  it("are decoded or rejected if their text is damaged, without any other effect", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.string({ maxLength: 3 }), (value, at, noise) => {
        const { form, text } = encode({ value });
        const cut = at % (text.length + 1);
        for (const damaged of [
          text.slice(0, cut),
          text.slice(0, cut) + noise + text.slice(cut + 1),
        ]) {
          try {
            decodeState({ form, text: damaged });
          } catch (error) {
            expect(error).toMatchObject({ name: "StashError", code: "unreadable_record" });
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
