import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HELD_PARAM, HOLD_EVENT } from "../../stash/src/host.ts";
import type { HoldEvent } from "../../stash/src/host.ts";
import { initLiveStash } from "./init-live-stash.ts";

/** The server's side of the conversation, as LiveView's client delivers it to the page. */
function serverSays(detail: HoldEvent): void {
  dispatch(detail);
}

function dispatch(detail: unknown): void {
  window.dispatchEvent(new CustomEvent(`phx:${HOLD_EVENT}`, { detail }));
}

function container(id: string): HTMLElement {
  return { id } as HTMLElement;
}

beforeEach(() => {
  vi.stubGlobal("window", new EventTarget());
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("what LiveSocket gets", () => {
  test("a view joins with what is held under its container's id", () => {
    const params = initLiveStash({ _csrf_token: "csrf" });
    serverSays({ v: "phx-1", h: "sealed" });

    expect(params(container("phx-1"))).toEqual({ _csrf_token: "csrf", [HELD_PARAM]: "sealed" });
  });

  test("the URL's parameters never contain it", () => {
    const params = initLiveStash({ _csrf_token: "csrf" });
    serverSays({ v: "phx-1", h: "sealed" });

    expect(params()).toEqual({ _csrf_token: "csrf" });
  });

  test("a page that a test made is listened to instead of the global window", () => {
    const page = new EventTarget();
    const params = initLiveStash({}, { window: page });
    serverSays({ v: "phx-1", h: "not for this page" });
    expect(params(container("phx-1"))).toEqual({});

    const detail: HoldEvent = { v: "phx-1", h: "sealed" };
    page.dispatchEvent(new CustomEvent(`phx:${HOLD_EVENT}`, { detail }));

    expect(params(container("phx-1"))).toEqual({ [HELD_PARAM]: "sealed" });
  });

  test("each view gets its own, and a view for which nothing is held gets none", () => {
    const params = initLiveStash();
    serverSays({ v: "phx-1", h: "first" });
    serverSays({ v: "phx-2", h: "second" });

    expect(params(container("phx-1"))).toEqual({ [HELD_PARAM]: "first" });
    expect(params(container("phx-2"))).toEqual({ [HELD_PARAM]: "second" });
    expect(params(container("phx-3"))).toEqual({});
    expect(params(container("constructor"))).toEqual({});
    expect(params(container(""))).toEqual({});
  });

  test("keys that LiveView writes into one result reach neither the next nor the caller's object", () => {
    const own = { _csrf_token: "csrf" };
    const params = initLiveStash(own);
    serverSays({ v: "phx-1", h: "sealed" });
    params(container("phx-1"))["_mounts"] = 1;
    params()["_mounts"] = 1;

    expect(params()).toEqual({ _csrf_token: "csrf" });
    expect(own).toEqual({ _csrf_token: "csrf" });
  });

  test("a function is called each time, with the arguments that LiveSocket passes", () => {
    const shared = { zone: "Europe/Warsaw" };
    const own = vi.fn((..._args: unknown[]) => shared);
    const params = initLiveStash(own);
    serverSays({ v: "phx-1", h: "sealed" });
    const element = container("phx-1");

    expect(params()).toEqual({ zone: "Europe/Warsaw" });
    expect(params(element)).toEqual({ zone: "Europe/Warsaw", [HELD_PARAM]: "sealed" });
    expect(own.mock.calls).toEqual([[], [element]]);
    expect(shared).toEqual({ zone: "Europe/Warsaw" });
  });

  test("the stash wins over an own parameter of its name", () => {
    const params = initLiveStash({ [HELD_PARAM]: "own" });
    serverSays({ v: "phx-1", h: "sealed" });

    expect(params(container("phx-1"))).toEqual({ [HELD_PARAM]: "sealed" });
  });
});

describe("hold events", () => {
  function heldAfter(...details: unknown[]): unknown {
    const params = initLiveStash();
    for (const detail of details) dispatch(detail);
    return params(container("phx-1"))[HELD_PARAM];
  }

  test("a later string replaces", () => {
    expect(heldAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: "b" })).toBe("b");
  });

  test("null drops, for that view only", () => {
    expect(heldAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: null })).toBe(undefined);
    expect(heldAfter({ v: "phx-1", h: "a" }, { v: "phx-2", h: null })).toBe("a");
  });

  test.each([
    ["state~old", "new", "state~new"],
    ["state~1~old", "new", "state~1~new"],
    ["state", "new", "state~new"],
    ["state~", "new", "state~new"],
    ["~old", "new", "~new"],
    ["", "new", "~new"],
    ["state~old", "", "state~"],
    ["state~old", "$&~$1", "state~$&~$1"],
  ])("renewing %j with %j gives %j", (held, renew, expected) => {
    expect(heldAfter({ v: "phx-1", h: held }, { v: "phx-1", r: renew })).toBe(expected);
  });

  test("renewing what is not held does nothing", () => {
    expect(heldAfter({ v: "phx-1", r: "new" })).toBe(undefined);
    expect(
      heldAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: null }, { v: "phx-1", r: "new" }),
    ).toBe(undefined);
  });

  test("four listeners on window, added when called", () => {
    const addEventListener = vi.spyOn(window, "addEventListener");
    const params = initLiveStash();
    params();
    params(container("phx-1"));

    expect(addEventListener.mock.calls.map(([name]) => name)).toEqual([
      `phx:${HOLD_EVENT}`,
      "input",
      "change",
      "submit",
    ]);
  });
});
