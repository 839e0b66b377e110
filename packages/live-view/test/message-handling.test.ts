import { describe, expect, test } from "vitest";
import { html, live, liveView, type Socket } from "../src/index.ts";
import { nextTurn, reportingClient } from "./reporting-client.ts";

describe("a view", () => {
  test("runs slow handlers one at a time, and sends replies and pushes in order", async () => {
    const gates: (() => void)[] = [];
    const view = liveView<{ log: string }, string>({
      name: "v",
      mount: (socket) => socket.assign({ log: "" }),
      handleEvent: {
        async slow(socket, { name }) {
          await new Promise<void>((resolve) => gates.push(resolve));
          socket.assign({ log: `${socket.assigns.log}${String(name)}` });
          socket.send("!");
        },
      },
      handleInfo: (socket, message) => socket.assign({ log: socket.assigns.log + message }),
      render: ({ log }) => html`<p>${log}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    const answers = ["a", "b", "c"].map((name) => page.pushEvent("slow", { name }));
    for (let count = 1; count <= 3; count++) {
      while (gates.length < count) await nextTurn();
      expect(gates).toHaveLength(count);
      gates[count - 1]?.();
    }
    const diffs = (await Promise.all(answers)).map(({ response }) => response.diff);
    await page.waitFor((each) => each.text("p").endsWith("!!!"));
    expect(diffs[0]).toEqual({ "0": "a" });
    expect(page.text("p").replaceAll("!", "")).toBe("abc");
  });

  test("delays its reply until the promises passed to waitUntil have settled", async () => {
    let finish = (): void => undefined;
    const view = liveView<object>({
      name: "v",
      handleEvent: {
        save(socket) {
          socket.waitUntil(new Promise<void>((resolve) => (finish = resolve)));
        },
      },
      render: () => html`<p></p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    let isAnswered = false;
    const answer = page.pushEvent("save").then((reply) => {
      isAnswered = true;
      return reply;
    });
    for (let count = 0; count < 5; count++) await nextTurn();
    expect(isAnswered).toBe(false);
    finish();
    expect((await answer).status).toBe("ok");
  });

  test("sends changes made outside of any handler at once, in one diff", async () => {
    let socket: Socket<{ n: number }> | undefined;
    const view = liveView<{ n: number }>({
      name: "v",
      mount(mounted) {
        socket = mounted;
        mounted.assign({ n: 0 });
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await nextTurn();
    socket?.assign({ n: 1 });
    socket?.pushEvent("late", { id: 1 });
    socket?.assign({ n: 2 });
    await page.waitFor((each) => each.text("p") === "2");
    expect(page.events).toEqual([{ name: "late", payload: { id: 1 } }]);
    await page.disconnect();
    socket?.assign({ n: 3 });
    await nextTurn();
    expect(page.text("p")).toBe("2");
  });

  test("also sends changes made while an earlier change is being sent", async () => {
    let socket: Socket<{ n: number }> | undefined;
    let finish: (() => void) | undefined;
    const view = liveView<{ n: number }>({
      name: "v",
      use: [
        {
          name: "slow",
          afterRender: () =>
            socket?.assigns.n === 1
              ? new Promise<void>((resolve) => (finish = resolve))
              : undefined,
        },
      ],
      mount(mounted) {
        socket = mounted;
        mounted.assign({ n: 0 });
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await nextTurn();
    socket?.assign({ n: 1 });
    await nextTurn();
    socket?.assign({ n: 2 });
    finish?.();
    await page.waitFor((each) => each.text("p") === "2");
  });

  test("sends what a hook changes after a render in one more diff, and does not loop", async () => {
    let renders = 0;
    const view = liveView<{ renders: number }>({
      name: "v",
      use: [
        {
          name: "counting",
          afterRender(socket) {
            renders += 1;
            socket.assign({ renders });
          },
        },
      ],
      mount: (socket) => socket.assign({ renders: 0 }),
      render: (assigns) => html`<p>${assigns.renders}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.waitFor((each) => each.text("p") === "1");
    for (let count = 0; count < 20; count++) await nextTurn();
    expect(renders).toBe(2);
  });

  test("stops its timers when it ends", async () => {
    const countTimers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const timersBefore = countTimers();
    const sockets: Socket<{ n: number }, "tick">[] = [];
    const view = liveView<{ n: number }, "tick">({
      name: "v",
      mount(socket) {
        sockets.push(socket);
        socket.assign({ n: 0 });
        // More timers than the test runner could start or end meanwhile.
        for (let count = 0; count < 50; count++) socket.sendEvery("tick", 1);
      },
      handleInfo: (socket) => socket.assign({ n: socket.assigns.n + 1 }),
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.waitFor((each) => Number(each.text("p")) >= 2);
    await page.disconnect();
    const socket = sockets.at(-1);
    expect(socket?.ended).toBe(true);
    expect(socket?.signal.aborted).toBe(true);
    expect(socket?.send("tick")).toBe(false);
    expect(countTimers()).toBeLessThan(timersBefore + 25);
  });
});

test("runs an idle task between its messages, and renders the changes", async () => {
  let release = (): void => {};
  let idle: Socket<{ steps: string[] }> | undefined;
  const view = liveView<{ steps: string[] }>({
    name: "idle",
    mount(socket) {
      socket.assign({ steps: [] });
      if (socket.connected) idle = socket;
    },
    handleEvent: {
      async slow(socket) {
        const { steps } = socket.assigns;
        await new Promise<void>((resolve) => (release = resolve));
        socket.assign({ steps: [...steps, "handled"] });
      },
    },
    render: ({ steps }) => html`<p>${steps.join()}</p>`,
  });
  const { client } = reportingClient({ routes: [live("/", view)] });
  const page = await client.visit("/");
  const handled = page.pushEvent("slow");
  await new Promise((resolve) => setImmediate(resolve));
  idle?.whenIdle(() => {
    idle?.assign({ steps: [...idle.assigns.steps, "recovered"] });
    return Promise.resolve();
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(idle?.assigns.steps).toEqual([]);
  release();
  await handled;
  await page.waitFor(() => page.text("p") === "handled,recovered");
});
