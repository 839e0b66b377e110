import { expect, test } from "vitest";
import { defineScript } from "./redis-script.ts";
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

/** Immediates run in the order in which they were set. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what is added in one turn of the event loop is sent together, at its end", async () => {
  const { sent, add } = createBatch();

  add("a");
  await Promise.resolve();
  add("b");
  expect(sent).toEqual([]);
  await nextTurn();
  expect(sent).toEqual([["a", "b"]]);
  add("c");
  await nextTurn();
  expect(sent).toEqual([["a", "b"], ["c"]]);
});

test("a full batch, one of another script and one that is too large are sent at once", async () => {
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
  await nextTurn();
  expect(sent.slice(4)).toEqual([["g"]]);
});

test("where one command must not have two keys, each is sent alone and at once", () => {
  const { sent, add } = createBatch(true);

  add("a");
  add("b");
  expect(sent).toEqual([["a"], ["b"]]);
});

test("flushed, nothing is left to send", async () => {
  const { sent, batch, add } = createBatch();

  add("a");
  batch.flush();
  batch.flush();
  await nextTurn();
  expect(sent).toEqual([["a"]]);
});
