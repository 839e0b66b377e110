import { describe, expect, test } from "vitest";
import { parseEventPayload } from "./event-payload.ts";

const parsed = (payload: unknown): unknown => {
  const result = parseEventPayload(payload);
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
};

describe("parseEventPayload", () => {
  test("a click keeps its value", () => {
    expect(parsed({ type: "click", event: "inc", value: { id: "7", value: "" } })).toEqual({
      event: "inc",
      value: { id: "7", value: "" },
    });
  });

  test("a form is decoded and merged with its meta; _target becomes a path", () => {
    expect(
      parsed({
        type: "form",
        event: "validate",
        value: "user%5Bname%5D=J&user%5B_unused_email%5D=&user%5Bemail%5D=&h=hid",
        meta: { _target: "user[name]", extra: "1" },
        uploads: {},
      }),
    ).toEqual({
      event: "validate",
      value: {
        user: { name: "J", _unused_email: "", email: "" },
        h: "hid",
        _target: ["user", "name"],
        extra: "1",
      },
    });
  });

  test('the target "undefined" means that the field has no name', () => {
    expect(
      parsed({ type: "form", event: "v", value: "a=1", meta: { _target: "undefined" } }),
    ).toEqual({
      event: "v",
      value: { a: "1" },
    });
  });

  test("an event with the type null, as the client's commands send it, is not a form", () => {
    expect(parsed({ type: null, event: "shown", value: {} })).toEqual({
      event: "shown",
      value: {},
    });
  });

  test("an event for a component has its cid", () => {
    expect(parsed({ type: "click", event: "x", value: {}, cid: 3 })).toMatchObject({ cid: 3 });
  });

  test("a value that is not an object is wrapped, and a missing value is an empty object", () => {
    expect(parsed({ type: "hook", event: "x", value: 5 })).toMatchObject({ value: { value: 5 } });
    expect(parsed({ type: "hook", event: "x" })).toMatchObject({ value: {} });
  });

  test.each([[null], ["x"], [[]], [{}], [{ event: 1 }]])(
    "the payload %j is rejected",
    (payload) => {
      expect(parseEventPayload(payload)).toBeUndefined();
    },
  );
});
