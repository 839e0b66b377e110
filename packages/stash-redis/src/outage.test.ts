import { expect, test } from "vitest";
import { Outage } from "./outage.ts";

function createOutage(): { outage: Outage; pass: (ms: number) => void } {
  let nowMs = 5_000;
  return { outage: new Outage(() => nowMs), pass: (ms) => (nowMs += ms) };
}

test("an outage lasts from the first call without an answer to the next answer", () => {
  const { outage, pass } = createOutage();

  expect([outage.isOn, outage.lastsMs()]).toEqual([false, 0]);
  outage.begin();
  pass(300);
  outage.begin();
  expect([outage.isOn, outage.lastsMs()]).toEqual([true, 300]);
  outage.end();
  expect([outage.isOn, outage.lastsMs()]).toEqual([false, 0]);
});

test("a failed connection is a sign of life, and a reason", () => {
  const { outage, pass } = createOutage();
  const refused = new Error("refused");

  outage.begin();
  pass(200);
  expect(outage.silentMs()).toBe(200);
  outage.fail(refused);
  pass(50);
  expect([outage.lastsMs(), outage.silentMs(), outage.cause]).toEqual([250, 50, refused]);
  outage.end();
  expect([outage.silentMs(), outage.cause]).toEqual([0, undefined]);
});

test("who waits for an outage is told when it begins", async () => {
  const { outage } = createOutage();
  const begun = outage.whenOn();

  outage.begin();
  await expect(begun).resolves.toBeUndefined();
});
