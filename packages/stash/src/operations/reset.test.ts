import { beforeEach, describe, expect, it } from "vitest";
import { createCounterPages } from "../../test/counter-pages.ts";
import { recoverState, resetStash, stash } from "../index.ts";

let { adapter, disconnectedPage, errors, memory, page } = createCounterPages();

beforeEach(() => {
  ({ adapter, disconnectedPage, errors, memory, page } = createCounterPages());
});

describe("resetStash", () => {
  it("deletes the stash and sends the browser the token of the next one", async () => {
    const tab = page();
    const view = tab.join();
    await stash(view);
    tab.receive(view);
    const before = tab.token;
    expect(await resetStash(view)).toEqual({ status: "reset" });
    tab.receive(view);
    expect(tab.token).not.toBe(before);
    const next = tab.token;
    expect(memory.figures().entries).toBe(0);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    tab.receive(view);
    expect(tab.token).toBe(next);
    expect(view.waitedFor.length).toBeGreaterThanOrEqual(4);
  });

  it("deletes the stash of a presented token that the view has not recovered", async () => {
    const tab = await disconnectedPage(3);
    expect(await resetStash(tab.join())).toEqual({ status: "reset" });
    expect(memory.figures().entries).toBe(0);
    // Also if the event with the new token was lost.
    expect(await recoverState(tab.join())).toMatchObject({ reason: "absent" });
  });

  it("runs in order with stashes", async () => {
    const view = page().join();
    const release = adapter.holdNext("save");
    const results = [stash(view), resetStash(view), stash(view)];
    release();
    expect(await Promise.all(results)).toMatchObject([
      { status: "saved" },
      { status: "reset" },
      { status: "saved" },
    ]);
    expect(memory.figures().entries).toBe(1);
  });

  it("returns nothing if the stash is gone already, and an error if the store fails", async () => {
    const view = page().join();
    await stash(view);
    adapter.failNext("forget", new Error("down"));
    expect(await resetStash(view)).toMatchObject({
      status: "error",
      error: { code: "adapter_unavailable" },
    });
    expect(errors[0]?.context.operation).toBe("reset");
    adapter.failNext("forget", new Error("answer lost"), true);
    await resetStash(view);
    expect(await resetStash(view)).toEqual({ status: "nothing" });
  });
});
