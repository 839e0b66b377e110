import { expect, test } from "vitest";
import { resolveSecrets } from "./secrets.ts";

const warnings: string[] = [];
const logger = { error: () => undefined, warn: (message: string) => void warnings.push(message) };
const LONG = "x".repeat(32);

test("production without a secret does not start", () => {
  expect(() => resolveSecrets(undefined, { NODE_ENV: "production" }, logger)).toThrow(
    expect.objectContaining({ code: "missing_secret" }),
  );
});

test("elsewhere a random one is made, and said", () => {
  const [first] = resolveSecrets(undefined, {}, logger);
  expect(first).not.toBe(resolveSecrets(undefined, {}, logger)[0]);
  expect(warnings.join()).toContain("LIVE_VIEW_SECRET");
});

test("the environment may list several, the newest first", () => {
  expect(resolveSecrets(undefined, { LIVE_VIEW_SECRET: `${LONG}a, ${LONG}b` }, logger)).toEqual([
    `${LONG}a`,
    `${LONG}b`,
  ]);
});

test("a short secret is refused without being shown", () => {
  expect(() => resolveSecrets(["hunter2"], {}, logger)).toThrow(/at least 32 characters.*one of 7/);
  expect(() => resolveSecrets(["hunter2"], {}, logger)).not.toThrow(/hunter2/);
});
