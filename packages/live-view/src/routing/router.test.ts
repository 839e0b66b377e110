import { describe, expect, test } from "vitest";
import { html, live, liveView } from "../index.ts";
import { createRouter } from "./router.ts";

const view = (name: string) => liveView<object>({ name, render: () => html`<p></p>` });

/** Returns the view for a path, with the parameters of the route. */
function found(routes: readonly string[], path: string): unknown {
  const router = createRouter(routes.map((route, index) => live(route, view(`v${index}`))));
  const match = router.match(new URL(`http://app.test${path}`));
  return match === undefined ? undefined : [match.view.name, { ...match.params }];
}

describe("the route", () => {
  test.each<[route: string, path: string, params: object]>([
    ["/form/dynamic-inputs", "/form/%64ynamic-inputs", {}],
    ["/form", "/f%6Frm/", {}],
    ["/über uns", "/%C3%BCber%20uns", {}],
    ["/über uns", "/über uns", {}],
    ["/caf%C3%A9", "/café", {}],
    ["/100%", "/100%25", {}],
    ["/users/:id", "/%75sers/a%20b", { id: "a b" }],
    ["/users/:id", "/users/a%2Fb", { id: "a/b" }],
    ["/users/:id", "/users/%2525", { id: "%25" }],
    ["/files/*path", "/files/a%20b/c%2Fd/%C3%A9", { path: "a b/c/d/é" }],
  ])("%j matches the path %j", (route, path, params) => {
    expect(found([route], path)).toEqual(["v0", params]);
  });

  test.each<[route: string, path: string]>([
    ["/js", "/JS"],
    ["/admin/:id", "/Admin/1"],
    ["/a/b", "/a%2Fb"],
    ["/users/:id", "/users/a/b"],
    ["/users/:id", "/users/%zz"],
    ["/users/:id", "/users/%C3"],
    ["/users/:id", "/%zz/1"],
    ["/%61", "/%2561"],
  ])("%j does not match the path %j", (route, path) => {
    expect(found([route], path)).toBeUndefined();
  });

  test("/Docs does not match the path of the route /docs", () => {
    expect(found(["/Docs", "/docs"], "/docs")).toEqual(["v1", {}]);
  });
});
