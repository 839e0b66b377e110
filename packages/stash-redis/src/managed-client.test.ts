import { expect, test } from "vitest";
import { Outage } from "./managed-client.ts";

function createOutage(): { outage: Outage; pass: (ms: number) => void } {
  let nowMs = 5_000;
  return { outage: new Outage(() => nowMs), pass: (ms) => (nowMs += ms) };
}

test("an outage lasts from the first unanswered call to the next answer", () => {
  const { outage, pass } = createOutage();

  expect([outage.isOn, outage.durationMs()]).toEqual([false, 0]);
  outage.begin();
  pass(300);
  outage.begin();
  expect([outage.isOn, outage.durationMs()]).toEqual([true, 300]);
  outage.end();
  expect([outage.isOn, outage.durationMs()]).toEqual([false, 0]);
});

test("a failed connection is activity of the client, and the cause of the outage", () => {
  const { outage, pass } = createOutage();
  const refused = new Error("refused");

  outage.begin();
  pass(200);
  expect(outage.silentMs()).toBe(200);
  outage.connectionFailed(refused);
  pass(50);
  expect([outage.durationMs(), outage.silentMs(), outage.cause]).toEqual([250, 50, refused]);
  outage.end();
  expect([outage.silentMs(), outage.cause]).toEqual([0, undefined]);
});

test("whenBegun() resolves when an outage begins", async () => {
  const { outage } = createOutage();
  const begun = outage.whenBegun();

  outage.begin();
  await expect(begun).resolves.toBeUndefined();
});
