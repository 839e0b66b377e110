import { describe, expect, test } from "vitest";
import { externalNavigation, navigation } from "./navigation.ts";

describe("navigation by a view", () => {
  test.each([
    ["/", "/"],
    ["/a/b?c=d&e#f", "/a/b?c=d&e#f"],
    ["/search?q=a b", "/search?q=a%20b"],
    ["/日本?q=é", "/%E6%97%A5%E6%9C%AC?q=%C3%A9"],
    ["/a\r\nSet-Cookie: x=1", "/aSet-Cookie:%20x=1"],
    ["/a/../b", "/b"],
  ])("to %j leads to %j, in characters that a header can carry", (to, target) => {
    for (const kind of ["patch", "navigate", "redirect"] as const) {
      expect(navigation(kind, to)).toEqual({ kind, to: target, replace: false });
    }
  });

  test.each([
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\\evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "evil",
    "",
  ])("to %j, which leaves the site or is no path, is refused", (to) => {
    for (const kind of ["patch", "navigate", "redirect"] as const) {
      expect(() => navigation(kind, to)).toThrow(
        expect.objectContaining({ code: "invalid_navigation" }),
      );
    }
  });

  test("to another site is refused for every text, also in a redirect", () => {
    for (const to of [
      "https://example.com/",
      "HTTP://example.com",
      "https:/example.com",
      "https:",
    ]) {
      for (const kind of ["patch", "navigate", "redirect"] as const) {
        expect(() => navigation(kind, to)).toThrow(`${kind}: expected`);
      }
    }
    expect(() => navigation("redirect", "https://a.example/")).toThrow("redirect({ external:");
  });

  test.each([
    ["https://example.com/ü", "https://example.com/%C3%BC"],
    ["HTTP://EXAMPLE.com", "http://example.com/"],
    ["https://[::1]:4000/a?b#c", "https://[::1]:4000/a?b#c"],
    ["https://example.com/\r\nSet-Cookie: x=1", "https://example.com/Set-Cookie:%20x=1"],
  ])("to another site is possible as { external: %j }", (external, to) => {
    expect(externalNavigation({ external })).toEqual({ kind: "redirect", to, replace: false });
  });

  test.each([
    "https://",
    "https:///evil.example",
    "ftp://example.com/",
    "javascript:alert(1)//https://example.com/",
    " https://example.com/",
    "//example.com/",
    "/path",
    "https:example.com",
    "https:\\\\example.com",
    "https://own.example@evil.example/",
    "https://user:password@example.com/",
    "",
    undefined,
    null,
    7,
  ])("to { external: %j } is refused", (external) => {
    expect(() => externalNavigation({ external: external as string })).toThrow(
      expect.objectContaining({ code: "invalid_navigation" }),
    );
  });

  test.each([undefined, null, 7, {}])("to %j, which is no text, is refused", (to) => {
    expect(() => navigation("redirect", to as string)).toThrow(
      expect.objectContaining({ code: "invalid_navigation" }),
    );
  });
});
