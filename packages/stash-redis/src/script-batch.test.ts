import { expect, test } from "vitest";
import { defineScript } from "./lua/script.ts";
import { ScriptBatch } from "./script-batch.ts";

const one = defineScript(3, "return 1");
const two = defineScript(3, "return 2");

function createBatch(isSingle = false) {
  const sent: string[][] = [];
  const batch = new ScriptBatch(isSingle, (runs) => sent.push(runs.map(({ run }) => run.key)));
  const add = (key: string, script = one, byteLength = 10): void => {
    const run = { operation: "save", script, key, args: [], byteLength };
    batch.add({ run, resolve() {}, reject() {} });
  };
  return { sent, batch, add };
}

/** Resolves after the immediates that were scheduled before it. */
const nextImmediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("runs that are added in one tick of the event loop are sent together at its end", async () => {
  const { sent, add } = createBatch();

  add("a");
  await Promise.resolve();
  add("b");
  expect(sent).toEqual([]);
  await nextImmediate();
  expect(sent).toEqual([["a", "b"]]);
  add("c");
  await nextImmediate();
  expect(sent).toEqual([["a", "b"], ["c"]]);
});

test("a batch is sent at once if it is full, or if the next run has another script or is too large", async () => {
  const { sent, add } = createBatch();

  for (const key of ["a", "b", "c"]) add(key);
  expect(sent).toEqual([["a", "b", "c"]]);
  add("d");
  add("e", two);
  expect(sent.slice(1)).toEqual([["d"]]);
  add("f", two, 300_000);
  expect(sent.slice(2)).toEqual([["e"]]);
  add("g", two);
  expect(sent.slice(3)).toEqual([["f"]]);
  await nextImmediate();
  expect(sent.slice(4)).toEqual([["g"]]);
});

test("a single-key batch sends each run alone and at once", () => {
  const { sent, add } = createBatch(true);

  add("a");
  add("b");
  expect(sent).toEqual([["a"], ["b"]]);
});

test("flush() sends each run once", async () => {
  const { sent, batch, add } = createBatch();

  add("a");
  batch.flush();
  batch.flush();
  await nextImmediate();
  expect(sent).toEqual([["a"]]);
});
