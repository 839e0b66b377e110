import { expect, test } from "vitest";
import { SharedRequest, KeyedQueue } from "./stash-log.ts";

test("tasks of one key run one after the other, also after a failed one; tasks of another key do not wait", async () => {
  const queue = new KeyedQueue();
  const done: string[] = [];
  let open = (): void => {};
  const first = queue.run("a", async () => {
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    done.push("a1");
    throw new Error("failed");
  });
  const second = queue.run("a", async () => done.push("a2"));
  await queue.run("b", async () => done.push("b"));
  expect(done).toEqual(["b"]);
  open();
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(done).toEqual(["b", "a1", "a2"]);
});

test("callers of one tick share a request; a later caller gets a new one", async () => {
  let sent = 0;
  const request = new SharedRequest(async () => {
    sent += 1;
    return sent;
  });
  expect(await Promise.all([request.send(), request.send(), request.send()])).toEqual([1, 1, 1]);
  expect(await request.send()).toBe(2);
});
