import { describe, expect, test } from "vitest";
import { type EndReason, html, live, liveView, type ViewHook } from "../src/index.ts";
import type { TestClient } from "../src/testing.ts";
import { nextTurn, reportingClient } from "./reporting-client.ts";

describe("a hook", () => {
  function recording(log: string[], changes: Partial<ViewHook<object>> = {}): ViewHook<object> {
    return {
      name: "recording",
      onMount: () => void log.push("mount"),
      afterRender: () => void log.push("rendered"),
      onEvent: (_, event) => void log.push(`event ${event}`),
      onInfo: (_, message) => void log.push(`info ${String(message)}`),
      onTerminate: (_, reason) => void log.push(`end ${reason}`),
      ...changes,
    };
  }

  const viewWith = (hook: ViewHook<object>, log: string[]) =>
    liveView<object, string>({
      name: "v",
      use: [hook],
      mount: () => void log.push("own mount"),
      handleEvent: { go: (socket) => socket.send("hi") },
      handleInfo: (_, message) => void log.push(`own info ${message}`),
      terminate: (_, reason) => void log.push(`own end ${reason}`),
      render: () => html`<p></p>`,
    });

  test("runs at mount, render, event, message and end, before the view's own callback", async () => {
    const log: string[] = [];
    const { client } = reportingClient({ routes: [live("/", viewWith(recording(log), log))] });
    const page = await client.visit("/", { connect: false });
    log.length = 0;
    await page.connect();
    await page.pushEvent("go");
    await nextTurn();
    await page.disconnect();
    expect(log).toEqual([
      "mount",
      "own mount",
      "rendered",
      "event go",
      "info hi",
      "own info hi",
      "end disconnected",
      "own end disconnected",
    ]);
  });

  test("refuses a mount by a redirect and halt", async () => {
    const log: string[] = [];
    const guard = recording(log, {
      onMount(socket) {
        socket.redirect("/login");
        return "halt";
      },
    });
    const login = liveView<object>({ name: "login", render: () => html`<h1>Log in</h1>` });
    const { client } = reportingClient({
      routes: [live("/", viewWith(guard, log)), live("/login", login)],
    });
    const page = await client.visit("/");
    expect(page.url.pathname).toBe("/login");
    expect(log).not.toContain("own mount");
  });

  test.each<[EndReason, (page: Awaited<ReturnType<TestClient["visit"]>>) => Promise<unknown>]>([
    ["disconnected", (page) => page.disconnect()],
    ["replaced", (page) => page.rejoin()],
    ["crashed", (page) => page.pushEvent("unknown")],
    ["left", (page) => page.navigate("/")],
  ])("and the view itself receive the end reason %s", async (reason, end) => {
    const log: string[] = [];
    const { client } = reportingClient({ routes: [live("/", viewWith(recording(log), log))] });
    const page = await client.visit("/");
    await end(page);
    expect(log).toContain(`end ${reason}`);
    expect(log).toContain(`own end ${reason}`);
  });

  test("runs at the end of a view whose mount failed", async () => {
    const log: string[] = [];
    const hook = recording(log);
    const view = liveView<object>({
      name: "v",
      use: [hook],
      mount(socket) {
        if (socket.connected) throw new Error("no");
      },
      render: () => html`<p></p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    await client.visit("/");
    expect(log).toContain("end crashed");
  });
});
