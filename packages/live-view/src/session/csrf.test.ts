import { expect, test } from "vitest";
import { createCsrf } from "./csrf.ts";

const csrf = createCsrf(["a secret of at least 32 characters, yes"]);

test("a CSRF token verifies only for its session, and each one is different", () => {
  const token = csrf.issue("session-1");
  expect(csrf.verify(token, "session-1")).toBe(true);
  expect(csrf.verify(token, "session-2")).toBe(false);
  expect(csrf.issue("session-1")).not.toBe(token);
});

test("a CSRF token of a rotated secret verifies until that secret is removed", () => {
  const rotated = createCsrf([
    "another secret of at least 32 chars",
    "a secret of at least 32 characters, yes",
  ]);
  expect(rotated.verify(csrf.issue("s"), "s")).toBe(true);
  expect(csrf.verify(rotated.issue("s"), "s")).toBe(false);
});

test.each([[undefined], [null], [""], [5], ["x".repeat(59)], ["x".repeat(5000)]])(
  "%j does not verify as a CSRF token",
  (token) => {
    expect(csrf.verify(token, "session-1")).toBe(false);
  },
);
