import { describe, expect, test } from "vitest";
import { html, HttpError, live, liveView } from "../src/index.ts";
import { reportingClient } from "./reporting-client.ts";
import { loadPage, RawClient, type RawFrame } from "./raw-client.ts";
import { counter, startTestServer } from "./test-server.ts";

describe("a crash", () => {
  test("ends that view alone, is logged with its cause, and the rejoin mounts the view again", async () => {
    const { client, errors } = reportingClient({ routes: [live("/", counter)] });
    const [page, other] = [await client.visit("/"), await client.visit("/")];
    await page.click("button");
    const answer = await page.pushEvent("crash");
    expect(answer.status).toBe("closed");
    expect(page.crashed).toBe(true);
    expect(errors).toEqual([expect.objectContaining({ message: "crashed on purpose" })]);
    await other.click("button");
    expect(other.text(".count")).toBe("1");
    await page.rejoin();
    expect(page.crashed).toBe(false);
    expect(page.text(".count")).toBe("0");
  });

  test("is reported as unknown_event for an event that the view does not handle", async () => {
    const { client, errors } = reportingClient({ routes: [live("/", counter)] });
    for (const name of ["unknown", "constructor", "__proto__"]) {
      const page = await client.visit("/");
      await page.pushEvent(name);
      expect(page.crashed).toBe(true);
    }
    expect(errors).toHaveLength(3);
    expect(errors[0]).toMatchObject({ code: "unknown_event" });
  });

  test("that repeats stops further mounts of the view for a minute, in that session", async () => {
    let nowMs = 0;
    const { client } = reportingClient({ routes: [live("/", counter)], monotonicNow: () => nowMs });
    const page = await client.visit("/");
    for (let count = 0; count < 5; count++) {
      await page.pushEvent("crash");
      await page.rejoin();
    }
    expect(page.crashed).toBe(true);
    const fresh = await client.visit("/");
    expect(fresh.joinError).toEqual({ reason: "crash_loop" });
    nowMs += 60_000;
    await page.rejoin();
    expect(page.crashed).toBe(false);
  });

  test("in mount refuses the join of a fresh page; an HttpError becomes a page of its status", async () => {
    let fail = false;
    const failing = liveView<object>({
      name: "failing",
      mount() {
        if (fail) throw new Error("no database");
      },
      render: () => html`<p>ok</p>`,
    });
    const missing = liveView<object>({
      name: "missing",
      mount(socket) {
        if (fail || !socket.connected) throw new HttpError(404, "No such <user>");
      },
      render: () => html`<p>ok</p>`,
    });
    const { client, errors } = reportingClient({
      routes: [live("/failing", failing), live("/missing", missing)],
    });
    const page = await client.visit("/failing", { connect: false });
    fail = true;
    await page.reconnect();
    expect(page.joinError).toEqual({ reason: "join crashed" });
    expect((await client.visit("/failing")).status).toBe(500);
    expect(errors).toHaveLength(2);
    const gone = await client.visit("/missing");
    expect(gone.status).toBe(404);
    expect(gone.document).toContain("No such &lt;user&gt;");
  });

  test("in mount makes a page that was connected before join again instead of reloading", async () => {
    let fail = false;
    const failing = liveView<object>({
      name: "failing",
      mount() {
        if (fail) throw new Error("no database");
      },
      render: () => html`<p>ok</p>`,
    });
    const { url } = await startTestServer({ routes: [live("/", failing)] });
    const page = await loadPage(url);
    const client = await RawClient.openFor(page);
    fail = true;
    client.join(page, "1", { params: { _mounts: 1 } });
    const isJoinAnswer = ([joinRef]: RawFrame): boolean => joinRef === "1";
    expect(await client.next(isJoinAnswer)).toEqual([
      "1",
      "1",
      `lv:${page.id}`,
      "phx_error",
      { reason: "crashed" },
    ]);
    fail = false;
    client.join(page, "2", { params: { _mounts: 1 } });
    expect(await client.reply("2")).toMatchObject({ status: "ok" });
  });
});

test("a view that calls rejoin() ends, and its page joins again", async () => {
  const ends: string[] = [];
  let isAway = true;
  let hasGoneOn = false;
  const waiting = liveView<object>({
    name: "waiting",
    mount(socket) {
      if (isAway) socket.rejoin();
    },
    handleParams() {
      hasGoneOn = true;
    },
    terminate: (_socket, reason) => void ends.push(reason),
    render: () => html`<p>ok</p>`,
  });
  const { url, errors } = await startTestServer({ routes: [live("/", waiting)] });
  const page = await loadPage(url);
  hasGoneOn = false;
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  expect(await client.next(([joinRef]) => joinRef === "1")).toEqual([
    "1",
    "1",
    `lv:${page.id}`,
    "phx_error",
    { reason: "rejoin" },
  ]);
  isAway = false;
  expect(hasGoneOn).toBe(false);
  expect(ends).toEqual(["rejoining"]);
  expect(errors).toEqual([]);
  client.join(page, "2");
  expect(await client.reply("2")).toMatchObject({ status: "ok" });
});

test("a client that gives up on a slow join has disconnected, and not left for good", async () => {
  const ends: string[] = [];
  const finishes: (() => void)[] = [];
  const slow = liveView<object>({
    name: "slow",
    async mount(socket) {
      if (socket.connected) await new Promise<void>((resolve) => finishes.push(resolve));
    },
    terminate: (_socket, reason) => void ends.push(reason),
    render: () => html`<p>ok</p>`,
  });
  const { url } = await startTestServer({ routes: [live("/", slow)] });
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  client.send(["1", "2", `lv:${page.id}`, "phx_leave", {}]);
  await client.reply("2");
  expect(ends).toEqual(["disconnected"]);
  client.join(page, "3");
  await expect.poll(() => finishes.length).toBe(2);
  for (const finish of finishes) finish();
  await client.reply("3");
  client.send(["3", "4", `lv:${page.id}`, "phx_leave", {}]);
  await client.reply("4");
  expect(ends).toEqual(["disconnected", "left"]);
});
