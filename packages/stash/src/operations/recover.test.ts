import { beforeEach, describe, expect, it } from "vitest";
import { type Assigns, createCounterPages } from "../../test/counter-pages.ts";
import { FakeHost, SECRET } from "../../test/fake-page.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import { recoverState, resetStash, stash } from "../index.ts";
import { TOKEN_PARAM } from "../entries/host.ts";

let { adapter, disconnectedPage, errors, hook, memory, page } = createCounterPages();

beforeEach(() => {
  ({ adapter, disconnectedPage, errors, hook, memory, page } = createCounterPages());
});

describe("recoverState", () => {
  it("does no I/O for a page over plain HTTP, and neither do the other calls", async () => {
    const view = new FakeHost<Assigns>({ count: 1 }, { connected: false });
    const dead = hook({ autoStash: true });
    dead.onMount(view);
    expect(await recoverState(view)).toEqual({ status: "new" });
    expect(await stash(view)).toEqual({ status: "skipped" });
    expect(await resetStash(view)).toEqual({ status: "nothing" });
    await dead.afterRender?.(view);
    await dead.onTerminate(view, "left");
    expect(adapter.calls).toEqual([]);
    expect(view.waitedFor).toEqual([]);
    expect(view.holdEvents).toEqual([]);
  });

  it.each([0, -1, "1", null, undefined, true, [1]])(
    "takes _mounts %j for a fresh page: no I/O, and the token is dropped",
    async (_mounts) => {
      const tab = await disconnectedPage(3);
      const view = tab.join({ params: { _mounts } });
      expect(await recoverState(view)).toEqual({ status: "new" });
      expect(view.holdEvents).toEqual([{ v: "phx-1", h: expect.any(String) as unknown }]);
      expect(adapter.calls).toEqual([]);
      expect(memory.figures().entries).toBe(1);
    },
  );

  it.each([undefined, null])("finds nothing if the token is %j", async (token) => {
    const view = page().join({ params: { _mounts: 1, [TOKEN_PARAM]: token } });
    expect(await recoverState(view)).toEqual({ status: "not_found", reason: "nothing_held" });
    expect(adapter.calls).toEqual([]);
    expect(view.holdEvents).toEqual([{ v: "phx-1", h: expect.any(String) as unknown }]);
  });

  const corruptions: [string, (token: string) => unknown][] = [
    ["a forged one", (token) => token.replace(/.$/, (last) => (last === "A" ? "E" : "A"))],
    ["a truncated one", (token) => token.slice(0, -1)],
    ["a megabyte", () => "A".repeat(1_048_576)],
    ["other characters", (token) => `${token}.`],
    ["an empty string", () => ""],
    ["an object", (token) => ({ token })],
    ["an array", (token) => [token]],
    ["a number", () => 42],
    ["a boolean", () => true],
  ];
  it.each(corruptions)(
    "rejects %s without I/O, and leaves it until something is saved",
    async (_name, corrupt) => {
      const tab = await disconnectedPage(3);
      const { token } = tab;
      tab.token = corrupt(String(token));
      const view = tab.join();
      expect(await recoverState(view)).toEqual({ status: "error", reason: "reference_rejected" });
      expect(adapter.calls).toEqual([]);
      expect(view.holdEvents).toEqual([]);
      expect(errors).toEqual([]);

      tab.token = token;
      const owner = tab.join();
      expect(await recoverState(owner)).toMatchObject({ status: "recovered" });
      expect(owner.assigns.count).toBe(3);
    },
  );

  it.each([
    ["another view", { view: "other" }],
    ["another session", { sessionId: "session-2" }],
  ])("rejects a token in %s, and its owner keeps the state", async (_name, join) => {
    const tab = await disconnectedPage(3);
    const thief = tab.join(join);
    expect(await recoverState(thief)).toEqual({ status: "error", reason: "reference_rejected" });
    expect(adapter.calls).toEqual([]);
    expect(await stash(thief)).toMatchObject({ status: "saved" });
    const view = tab.join();
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(3);
  });

  it("rejects the token of another adapter", async () => {
    const tab = await disconnectedPage(3);
    const other = Object.assign(new UnreliableAdapter(memory), { name: "elsewhere" });
    const foreign = page({ adapter: other });
    foreign.join();
    foreign.token = tab.token;
    expect(await recoverState(foreign.join())).toMatchObject({ reason: "reference_rejected" });
    expect(other.calls).toEqual([]);
  });

  it("replaces a token of an older secret by one of the newest", async () => {
    const older = "an older secret, of which the string was made at first";
    const before = page({ secret: older });
    const first = before.join();
    await stash(first);
    await before.end(first);
    const after = page({ secret: [SECRET, older] });
    after.join();
    after.token = before.token;
    const second = after.join();
    expect(await recoverState(second)).toMatchObject({ status: "recovered" });
    after.receive(second);
    expect(after.token).not.toBe(before.token);
    const third = page({ secret: SECRET });
    third.join();
    third.token = after.token;
    expect(await recoverState(third.join())).toMatchObject({ status: "recovered" });
  });

  it("has stash() refuse to replace a state that was not recovered yet", async () => {
    const tab = await disconnectedPage(3);
    const view = tab.join();
    expect(await stash(view)).toMatchObject({ error: { code: "recovery_pending" } });
    expect(view.holdEvents).toEqual([]);
    expect(await recoverState(view)).toMatchObject({ status: "recovered" });
    expect(view.assigns.count).toBe(3);
  });

  it("assigns stored keys only", async () => {
    const tab = page({ storedKeys: ["count", "draft"] });
    const first = tab.join();
    first.assign({ count: 1, draft: "x", cart: { items: [] } });
    await stash(first);
    await tab.end(first);
    const later = page({ storedKeys: ["cart", "count"] });
    later.join();
    later.token = tab.token;
    const second = later.join();
    expect(await recoverState(second)).toMatchObject({ restored: ["count"] });
    expect(second.assigns).toEqual({ count: 1 });
    expect(await stash(second)).toMatchObject({ status: "saved" });
  });

  it("reports stored bytes that are no record, and the next stash replaces them", async () => {
    const tab = await disconnectedPage(3);
    const broken = new UnreliableAdapter({
      ...memory,
      load: async (request) => {
        const outcome = await memory.load(request);
        return outcome.status === "loaded" ? { ...outcome, record: Buffer.from("junk") } : outcome;
      },
    });
    const later = page({ adapter: broken });
    later.join();
    later.token = tab.token;
    const view = later.join();
    expect(await recoverState(view)).toMatchObject({
      status: "error",
      reason: "unreadable",
      error: { code: "unreadable_record" },
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.context).toEqual({ view: "counter", operation: "recover" });
    expect(await stash(view)).toMatchObject({ status: "saved" });
    expect(memory.figures().entries).toBe(1);
  });
});
