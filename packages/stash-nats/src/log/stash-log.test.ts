import { expect, test } from "vitest";
import { SharedQuestion, TurnQueue } from "./stash-log.ts";

test("for one name it is one after the other, also after one that failed; others do not wait", async () => {
  const turns = new TurnQueue();
  const done: string[] = [];
  let open = (): void => {};
  const first = turns.run("a", async () => {
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    done.push("a1");
    throw new Error("failed");
  });
  const second = turns.run("a", async () => done.push("a2"));
  await turns.run("b", async () => done.push("b"));
  expect(done).toEqual(["b"]);
  open();
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(done).toEqual(["b", "a1", "a2"]);
});

test("those who ask in one turn share a question; who asks later gets a new one", async () => {
  let asked = 0;
  const question = new SharedQuestion(async () => {
    asked += 1;
    return asked;
  });
  expect(await Promise.all([question.ask(), question.ask(), question.ask()])).toEqual([1, 1, 1]);
  expect(await question.ask()).toBe(2);
});
