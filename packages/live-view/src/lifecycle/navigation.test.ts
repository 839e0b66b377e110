import { describe, expect, test } from "vitest";
import { navigation } from "./navigation.ts";

describe("where a view may send its page", () => {
  test.each([
    ["/", "/"],
    ["/a/b?c=d&e#f", "/a/b?c=d&e#f"],
    ["/search?q=a b", "/search?q=a%20b"],
    ["/日本?q=é", "/%E6%97%A5%E6%9C%AC?q=%C3%A9"],
    ["/a\r\nSet-Cookie: x=1", "/aSet-Cookie:%20x=1"],
    ["/a/../b", "/b"],
  ])("%j leads to %j, in characters that a header can carry", (to, target) => {
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
  ])("%j, which leads elsewhere or nowhere, is refused", (to) => {
    for (const kind of ["patch", "navigate", "redirect"] as const) {
      expect(() => navigation(kind, to)).toThrow(
        expect.objectContaining({ code: "invalid_navigation" }),
      );
    }
  });

  test("only a redirect may leave the origin, and only to http(s)", () => {
    expect(navigation("redirect", "https://example.com/ü").to).toBe("https://example.com/%C3%BC");
    expect(() => navigation("navigate", "https://example.com/")).toThrow("navigate: expected");
    expect(() => navigation("redirect", "https://")).toThrow("redirect: expected");
    expect(() => navigation("redirect", "ftp://example.com/")).toThrow("redirect: expected");
  });
});
