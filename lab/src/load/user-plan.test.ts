import { expect, test } from "vitest";
import { planUser } from "./user-plan.ts";

const scenario = {
  preset: "test",
  users: 200,
  ttlMs: 1_000,
  durationMs: 3_000,
  rampUpMs: 600,
  rampDownMs: 600,
  lateShare: 0.1,
  seed: 1,
  workers: 1,
};

test("the same seed gives the same plan, and another seed gives another plan", () => {
  const times = (seed: number): unknown => {
    const plan = planUser({ ...scenario, seed }, 3);
    return [plan.startMs, plan.endMs, plan.nextConnection(), plan.nextConnection()];
  };
  expect(times(1)).toEqual(times(1));
  expect(times(1)).not.toEqual(times(2));
});

test("users start over the ramp up and end over the ramp down", () => {
  for (let user = 0; user < scenario.users; user += 1) {
    const { startMs, endMs } = planUser(scenario, user);
    expect(startMs).toBeGreaterThanOrEqual(0);
    expect(startMs).toBeLessThan(600);
    expect(endMs).toBeGreaterThanOrEqual(2_400);
    expect(endMs).toBeLessThan(3_000);
  }
});

test("a connection and the time away take 0.6 TTL on average, and late returns come after the TTL", () => {
  const cycles = Array.from({ length: 20_000 }, () => undefined);
  const plan = planUser(scenario, 1);
  const times = cycles.map(() => plan.nextConnection());
  const totalMs = times.reduce((sum, t) => sum + t.untilStashMs + t.untilLostMs + t.awayMs, 0);
  expect(totalMs / times.length).toBeGreaterThan(580);
  expect(totalMs / times.length).toBeLessThan(620);
  const late = times.filter((t) => t.isLate);
  expect(late.length / times.length).toBeCloseTo(0.1, 1);
  expect(Math.min(...late.map((t) => t.awayMs))).toBeGreaterThan(1_280);
  expect(Math.max(...times.filter((t) => !t.isLate).map((t) => t.awayMs))).toBeLessThan(900);
});
