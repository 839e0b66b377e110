import { expect, test, vi } from "vitest";
import { Sightings } from "./pending-echoes.ts";

const [one, other] = [Buffer.from("one message"), Buffer.from("another one")];

test("a message is known by its stash and its bytes", async () => {
  const sightings = new Sightings();
  const awaited = sightings.expect("stash", one);
  sightings.saw("another stash", one, { seq: 1, counts: true });
  sightings.saw("stash", other, { seq: 2, counts: true });
  expect(awaited.sight).toBeUndefined();
  sightings.saw("stash", Buffer.from(one), { seq: 3, counts: true });
  await awaited.seenOrLate;
  expect(awaited.sight).toEqual({ seq: 3, counts: true });
  // The same once more comes after the first, and does not count any more.
  sightings.saw("stash", one, { seq: 4, counts: false });
  expect(awaited.sight).toEqual({ seq: 3, counts: true });
});

test("nothing is waited for that was forgotten", () => {
  const sightings = new Sightings();
  const awaited = sightings.expect("stash", one);
  sightings.forget("stash");
  sightings.saw("stash", one, { seq: 1, counts: true });
  expect(awaited.sight).toBeUndefined();
});

test("what is not seen is late in time, each for itself, and may still be seen", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const sightings = new Sightings();
    const late: string[] = [];
    const expectToSee = (name: string) => {
      const awaited = sightings.expect(name, one);
      void awaited.seenOrLate.then(() => late.push(name));
      return awaited;
    };
    const first = expectToSee("first");
    await vi.advanceTimersByTimeAsync(150);
    expectToSee("second");
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(late).toEqual(["first"]);
    sightings.saw("first", one, { seq: 1, counts: true });
    expect(first.sight).toEqual({ seq: 1, counts: true });
    await vi.advanceTimersByTimeAsync(100);
    expect(late).toEqual(["first", "second"]);

    sightings.forget("first");
    sightings.forget("second");
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("all that is under way is late when its connection breaks", async () => {
  const sightings = new Sightings();
  const awaited = sightings.expect("stash", one);
  sightings.giveUp();
  await awaited.seenOrLate;
  expect(awaited.sight).toBeUndefined();
});
