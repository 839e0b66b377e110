import { equal, ok } from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { LoadOutcome } from "live-stash/adapter";
import type { AdapterNode } from "../adapter-node.ts";
import { assertLoaded, sameBytes } from "../assert-loaded.ts";
import { type Calls, forAll, SETTLES_WITHIN_MS, stopWaiting } from "../calls.ts";
import type { ContractCase, ContractGroup } from "../contract-case.ts";
import { newId, OTHER, SAMPLE } from "../samples.ts";
import { settle } from "../settling.ts";

type Ids = readonly [saved: string, loaded: string, forgotten: string];

async function createThree(node: AdapterNode): Promise<Ids> {
  const ids: Ids = [newId(), newId(), newId()];
  for (const id of ids) await node.create(id, "one");
  return ids;
}

/** The calls that take a signal. */
function signalledCalls(node: AdapterNode, ids: Ids, signal: AbortSignal): Calls {
  return {
    create: node.create(newId(), "one", { signal }),
    save: node.save(ids[0], "one", { record: OTHER, signal }),
    load: node.load(ids[1], "one", { signal }),
    forget: node.forget(ids[2], "one", signal),
  };
}

const settleAll = (calls: Calls): Promise<void> =>
  forAll(calls, (name, call) => settle(name, call, SETTLES_WITHIN_MS));

function assertOneOfBoth(outcome: LoadOutcome): void {
  const isOneOfBoth =
    outcome.status === "loaded" && [SAMPLE, OTHER].some((one) => sameBytes(outcome.record, one));
  ok(isOneOfBoth, "An aborted save: expected the old record or the new one, whole.");
}

const aborted = (moment: "before it begins" | "on its way"): ContractCase => ({
  name: `a call that is aborted ${moment} settles, and was done or was not`,
  async run(bench) {
    const node = await bench.open();
    const ids = await createThree(node);
    const controller = new AbortController();
    if (moment === "before it begins") stopWaiting(controller);
    const calls = signalledCalls(node, ids, controller.signal);
    if (moment === "on its way") stopWaiting(controller);
    await settleAll(calls);
    assertOneOfBoth(await node.load(ids[0], "one"));
    assertLoaded(await node.load(ids[1], "one"), SAMPLE);
    const forgotten = await node.load(ids[2], "one");
    if (forgotten.status === "loaded") assertLoaded(forgotten, SAMPLE);
  },
});

export const abortedCalls: ContractGroup = {
  name: "calls that nobody waits for any more",
  cases: [
    aborted("before it begins"),
    aborted("on its way"),
    {
      name: "no call leaves a listener on its signal, aborted or not",
      async run(bench) {
        const node = await bench.open();
        for (const isAborted of [false, true]) {
          const ids = await createThree(node);
          const controller = new AbortController();
          const calls = signalledCalls(node, ids, controller.signal);
          if (isAborted) stopWaiting(controller);
          await settleAll(calls);
          equal(getEventListeners(controller.signal, "abort").length, 0);
        }
      },
    },
  ],
};
