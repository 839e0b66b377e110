import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TOKEN_PARAM, TOKEN_EVENT } from "../../stash/src/entries/host.ts";
import type { TokenEvent } from "../../stash/src/entries/host.ts";
import { initLiveStash } from "./init-live-stash.ts";

/** Delivers an event of the server to the page, as LiveView's client does. */
function serverSends(detail: TokenEvent): void {
  dispatch(detail);
}

function dispatch(detail: unknown): void {
  window.dispatchEvent(new CustomEvent(`phx:${TOKEN_EVENT}`, { detail }));
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

describe("the params of LiveSocket", () => {
  test("contain the token of the view with the container's id", () => {
    const params = initLiveStash({ _csrf_token: "csrf" });
    serverSends({ v: "phx-1", h: "sealed" });

    expect(params(container("phx-1"))).toEqual({ _csrf_token: "csrf", [TOKEN_PARAM]: "sealed" });
  });

  test("contain no token for the URL", () => {
    const params = initLiveStash({ _csrf_token: "csrf" });
    serverSends({ v: "phx-1", h: "sealed" });

    expect(params()).toEqual({ _csrf_token: "csrf" });
  });

  test("contain tokens from the page of the option `window`, not from the global window", () => {
    const page = new EventTarget();
    const params = initLiveStash({}, { window: page });
    serverSends({ v: "phx-1", h: "not for this page" });
    expect(params(container("phx-1"))).toEqual({});

    const detail: TokenEvent = { v: "phx-1", h: "sealed" };
    page.dispatchEvent(new CustomEvent(`phx:${TOKEN_EVENT}`, { detail }));

    expect(params(container("phx-1"))).toEqual({ [TOKEN_PARAM]: "sealed" });
  });

  test("contain each view's own token, and none for a view without a token", () => {
    const params = initLiveStash();
    serverSends({ v: "phx-1", h: "first" });
    serverSends({ v: "phx-2", h: "second" });

    expect(params(container("phx-1"))).toEqual({ [TOKEN_PARAM]: "first" });
    expect(params(container("phx-2"))).toEqual({ [TOKEN_PARAM]: "second" });
    expect(params(container("phx-3"))).toEqual({});
    expect(params(container("constructor"))).toEqual({});
    expect(params(container(""))).toEqual({});
  });

  test("are a new object each time, which does not share keys that LiveView adds", () => {
    const own = { _csrf_token: "csrf" };
    const params = initLiveStash(own);
    serverSends({ v: "phx-1", h: "sealed" });
    params(container("phx-1"))["_mounts"] = 1;
    params()["_mounts"] = 1;

    expect(params()).toEqual({ _csrf_token: "csrf" });
    expect(own).toEqual({ _csrf_token: "csrf" });
  });

  test("come from the caller's function, called each time with the arguments of LiveSocket", () => {
    const shared = { zone: "Europe/Warsaw" };
    const own = vi.fn((..._args: unknown[]) => shared);
    const params = initLiveStash(own);
    serverSends({ v: "phx-1", h: "sealed" });
    const element = container("phx-1");

    expect(params()).toEqual({ zone: "Europe/Warsaw" });
    expect(params(element)).toEqual({ zone: "Europe/Warsaw", [TOKEN_PARAM]: "sealed" });
    expect(own.mock.calls).toEqual([[], [element]]);
    expect(shared).toEqual({ zone: "Europe/Warsaw" });
  });

  test("contain the token instead of a caller's parameter of the same name", () => {
    const params = initLiveStash({ [TOKEN_PARAM]: "own" });
    serverSends({ v: "phx-1", h: "sealed" });

    expect(params(container("phx-1"))).toEqual({ [TOKEN_PARAM]: "sealed" });
  });
});

describe("an event of the server", () => {
  function tokenAfter(...details: unknown[]): unknown {
    const params = initLiveStash();
    for (const detail of details) dispatch(detail);
    return params(container("phx-1"))[TOKEN_PARAM];
  }

  test("replaces the token with a later one", () => {
    expect(tokenAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: "b" })).toBe("b");
  });

  test("drops the token with null, for that view only", () => {
    expect(tokenAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: null })).toBe(undefined);
    expect(tokenAfter({ v: "phx-1", h: "a" }, { v: "phx-2", h: null })).toBe("a");
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
  ])("renews the token %j with %j to %j", (token, renewal, expected) => {
    expect(tokenAfter({ v: "phx-1", h: token }, { v: "phx-1", r: renewal })).toBe(expected);
  });

  test("renews nothing if there is no token", () => {
    expect(tokenAfter({ v: "phx-1", r: "new" })).toBe(undefined);
    expect(
      tokenAfter({ v: "phx-1", h: "a" }, { v: "phx-1", h: null }, { v: "phx-1", r: "new" }),
    ).toBe(undefined);
  });

  test("reaches one of four listeners on window, added by initLiveStash()", () => {
    const addEventListener = vi.spyOn(window, "addEventListener");
    const params = initLiveStash();
    params();
    params(container("phx-1"));

    expect(addEventListener.mock.calls.map(([name]) => name)).toEqual([
      `phx:${TOKEN_EVENT}`,
      "input",
      "change",
      "submit",
    ]);
  });
});
