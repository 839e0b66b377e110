import { expect, test } from "vitest";
import { Mailbox } from "./mailbox.ts";

function gate(): { open: () => void; passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}

test("a mailbox handles one message at a time, in order, even if one takes longer than another", async () => {
  const gates = [gate(), gate(), gate()];
  const log: string[] = [];
  const done = gate();
  const mailbox = new Mailbox<number>(10, async (index) => {
    log.push(`start ${index}`);
    await gates[index]?.passed;
    log.push(`end ${index}`);
    if (index === 2) done.open();
  });
  for (const index of [0, 1, 2]) expect(mailbox.post(index)).toBe(true);
  for (const index of [2, 1, 0]) gates[index]?.open();
  await done.passed;
  expect(log).toEqual(["start 0", "end 0", "start 1", "end 1", "start 2", "end 2"]);
});

test("a mailbox refuses messages beyond its length while one is handled", async () => {
  const first = gate();
  const mailbox = new Mailbox<number>(2, () => first.passed);
  expect([0, 1, 2, 3].map((index) => mailbox.post(index))).toEqual([true, true, true, false]);
  first.open();
});

test("a closed mailbox refuses and handles nothing more", async () => {
  const first = gate();
  const handled: number[] = [];
  const mailbox = new Mailbox<number>(10, async (index) => {
    handled.push(index);
    await first.passed;
  });
  mailbox.post(0);
  mailbox.post(1);
  mailbox.close();
  expect(mailbox.post(2)).toBe(false);
  first.open();
  await first.passed;
  await Promise.resolve();
  expect(handled).toEqual([0]);
});
