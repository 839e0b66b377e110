import { expect, test, vi } from "vitest";
import { PendingEchoes } from "./pending-echoes.ts";

const [one, other] = [Buffer.from("one message"), Buffer.from("another one")];

test("an echo is identified by its stash and its bytes", async () => {
  const echoes = new PendingEchoes();
  const pending = echoes.expect("stash", one);
  echoes.receive("another stash", one, { seq: 1, isAccepted: true });
  echoes.receive("stash", other, { seq: 2, isAccepted: true });
  expect(pending.echo).toBeUndefined();
  echoes.receive("stash", Buffer.from(one), { seq: 3, isAccepted: true });
  await pending.arrivedOrLate;
  expect(pending.echo).toEqual({ seq: 3, isAccepted: true });
  // The same message again comes after the first one, and is rejected.
  echoes.receive("stash", one, { seq: 4, isAccepted: false });
  expect(pending.echo).toEqual({ seq: 3, isAccepted: true });
});

test("a forgotten message gets no echo", () => {
  const echoes = new PendingEchoes();
  const pending = echoes.expect("stash", one);
  echoes.forget("stash");
  echoes.receive("stash", one, { seq: 1, isAccepted: true });
  expect(pending.echo).toBeUndefined();
});

test("each missing echo becomes late in time, and may still arrive", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const echoes = new PendingEchoes();
    const late: string[] = [];
    const expectEcho = (name: string) => {
      const pending = echoes.expect(name, one);
      void pending.arrivedOrLate.then(() => late.push(name));
      return pending;
    };
    const first = expectEcho("first");
    await vi.advanceTimersByTimeAsync(150);
    expectEcho("second");
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(late).toEqual(["first"]);
    echoes.receive("first", one, { seq: 1, isAccepted: true });
    expect(first.echo).toEqual({ seq: 1, isAccepted: true });
    await vi.advanceTimersByTimeAsync(100);
    expect(late).toEqual(["first", "second"]);

    echoes.forget("first");
    echoes.forget("second");
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("all pending echoes are late when the connection breaks", async () => {
  const echoes = new PendingEchoes();
  const pending = echoes.expect("stash", one);
  echoes.abandonAll();
  await pending.arrivedOrLate;
  expect(pending.echo).toBeUndefined();
});
