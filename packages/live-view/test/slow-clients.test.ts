import { describe, expect, test, vi } from "vitest";
import { html, live, liveView, type Socket } from "../src/index.ts";
import { ClientSocket } from "../src/transport/client-socket.ts";
import { nextTurn, reportingClient } from "./reporting-client.ts";
import { loadPage, RawClient, type RawFrame } from "./raw-client.ts";
import { startServerWithClock } from "./server-with-clock.ts";

interface Page {
  n: number;
  text: string;
}

/** More characters than the system's socket buffers hold. */
const LARGE = 20_000_000;

/** Creates a view that a test changes from outside, and that counts its renders. */
function changingView(large: () => number) {
  const found = { renders: 0, mounts: 0, socket: undefined as Socket<Page, number> | undefined };
  const view = liveView<Page, number>({
    name: "changing",
    mount(socket) {
      if (socket.connected) {
        found.mounts += 1;
        found.socket = socket;
      }
      socket.assign({ n: 0, text: "x".repeat(socket.connected ? large() : 0) });
    },
    handleInfo: (socket, n) => socket.assign({ n }),
    handleEvent: {
      ask: (socket) => socket.reply({ n: socket.assigns.n }),
      shout: (socket) => socket.pushEvent("big", { big: "x".repeat(100_000) }),
    },
    render({ n, text }) {
      found.renders += 1;
      return html`<p>${n}</p><i>${text}</i>`;
    },
  });
  return { found, routes: [live("/", view)] };
}

const untilFrame = (client: RawClient, event: string): Promise<RawFrame> =>
  client.next((frame) => frame[3] === event);

describe("a client that is slow", () => {
  test("is not closed because of changes that the server makes, and receives the latest ones in one diff", async () => {
    const { found, routes } = changingView(() => LARGE);
    const { clock, transport, lines, url } = await startServerWithClock({ routes });
    const client = await RawClient.openFor(await loadPage(url));
    const page = await loadPage(url);
    client.socket.close();
    const slow = await RawClient.openFor(page);
    slow.socket.pause();
    slow.join(page, "1");
    while (found.socket === undefined || found.renders < 3) await nextTurn();
    const { renders } = found;
    for (let n = 1; n <= 1000; n++) {
      found.socket.send(n);
      if (n % 100 === 0) await nextTurn();
    }
    expect(found.renders).toBe(renders);
    // The client reads a little now and then, which does not count as a stall.
    for (let count = 0; count < 2; count++) {
      const progress = vi.spyOn(ClientSocket.prototype, "onProgress");
      slow.socket.resume();
      // Waits for progress: the first bytes that the client reads were written long before.
      while (progress.mock.calls.length === 0) await nextTurn();
      slow.socket.pause();
      progress.mockRestore();
      clock.ms += 20_000;
      transport.closeIdle();
    }
    slow.socket.resume();
    expect((await slow.reply("1")).status).toBe("ok");
    expect((await untilFrame(slow, "diff"))[4]).toEqual({ "0": "1000" });
    expect(found.renders).toBe(renders + 1);
    expect(found.mounts).toBe(1);
    expect(lines).toEqual([]);
  });

  test("is closed with 1013 slow_client if it reads nothing for stallTimeoutMs", async () => {
    const { found, routes } = changingView(() => LARGE);
    const { clock, transport, lines, url } = await startServerWithClock({ routes });
    const page = await loadPage(url);
    const deaf = await RawClient.openFor(page);
    deaf.socket.pause();
    deaf.join(page, "1");
    while (found.socket === undefined || found.renders < 2) await nextTurn();
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    clock.ms += 29_000;
    transport.closeIdle();
    expect(transport.socketCount).toBe(1);
    clock.ms += 2000;
    transport.closeIdle();
    while (transport.socketCount > 0) await nextTurn();
    expect(lines).toEqual([expect.stringContaining("1013 slow_client")]);
    expect(found.socket.ended).toBe(true);
  });

  test("receives the replies to its own events, with the changes, in order", async () => {
    const { found, routes } = changingView(() => LARGE);
    const { url } = await startServerWithClock({ routes });
    const page = await loadPage(url);
    const slow = await RawClient.openFor(page);
    slow.socket.pause();
    slow.join(page, "1");
    while (found.socket === undefined || found.renders < 2) await nextTurn();
    found.socket.send(7);
    for (const ref of ["2", "3"]) {
      slow.send(["1", ref, `lv:${page.id}`, "event", { event: "ask", value: {} }]);
    }
    slow.socket.resume();
    expect((await slow.reply("2")).response).toEqual({ diff: { "0": "7", r: { n: 7 } } });
    expect((await slow.reply("3")).response).toEqual({ diff: { r: { n: 7 } } });
  });

  test("receives the events that its view pushes, and is closed only if they are too many", async () => {
    const { found, routes } = changingView(() => LARGE);
    const limits = { maxBufferedBytes: 1_000_000 };
    const { lines, transport, url } = await startServerWithClock({ routes, limits });
    const page = await loadPage(url);
    const slow = await RawClient.openFor(page);
    slow.socket.pause();
    slow.join(page, "1");
    while (found.socket === undefined || found.renders < 2) await nextTurn();
    const push = async (): Promise<void> => {
      found.socket?.pushEvent("some", { big: "x".repeat(200_000) });
      await nextTurn();
    };
    for (let count = 0; count < 4; count++) await push();
    expect(transport.socketCount).toBe(1);
    for (let count = 0; count < 4; count++) await push();
    while (transport.socketCount > 0) await nextTurn();
    expect(lines).toEqual([expect.stringContaining("1013 slow_client")]);
  });
});

describe("a view's own messages", () => {
  test("from sendEvery never wait more than one at a time, even if the view is slow", async () => {
    let release: () => void = () => undefined;
    const handled: string[] = [];
    const view = liveView<object, string>({
      name: "ticking",
      mount(socket) {
        if (socket.connected) for (const name of ["a", "b"]) socket.sendEvery(name, 1);
      },
      async handleInfo(_, name) {
        handled.push(name);
        if (handled.length === 1) await new Promise<void>((resolve) => (release = resolve));
      },
      handleEvent: { click: () => void handled.push("click") },
      render: () => html`<p></p>`,
    });
    const { client } = reportingClient({
      routes: [live("/", view)],
      limits: { maxMailboxLength: 1 },
    });
    const page = await client.visit("/");
    while (handled.length === 0) await nextTurn();
    for (let count = 0; count < 20; count++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const click = page.pushEvent("click");
    release();
    expect((await click).status).toBe("ok");
    expect(handled.indexOf("click")).toBeLessThanOrEqual(4);
    await page.disconnect();
  });

  test("do not count against the limit of its client's events, nor do these against theirs", async () => {
    let release: () => void = () => undefined;
    const view = liveView<{ n: number }, number>({
      name: "busy",
      mount: (socket) => socket.assign({ n: 0 }),
      handleInfo: (socket) => socket.assign({ n: socket.assigns.n + 1 }),
      handleEvent: {
        async fill(socket) {
          for (let count = 0; count < 5000; count++) expect(socket.send(count)).toBe(true);
          await new Promise<void>((resolve) => (release = resolve));
          expect(socket.send(0)).toBe(true);
        },
        click: () => undefined,
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client, errors } = reportingClient({
      routes: [live("/", view)],
      limits: { maxMailboxLength: 2 },
    });
    const page = await client.visit("/");
    const answers = [page.pushEvent("fill"), page.pushEvent("click"), page.pushEvent("click")];
    await nextTurn();
    release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
    await page.waitFor((each) => each.text("p") === "5001");
    expect(errors).toEqual([]);
  });

  test("are refused when 10,000 of them wait", async () => {
    const answers: boolean[] = [];
    const view = liveView<object, number>({
      name: "flooding",
      handleInfo: () => undefined,
      handleEvent: {
        flood(socket) {
          for (let count = 0; count < 10_001; count++) answers.push(socket.send(count));
        },
      },
      render: () => html`<p></p>`,
    });
    const { client } = reportingClient({ routes: [live("/", view)] });
    await (await client.visit("/")).pushEvent("flood");
    expect(answers.filter(Boolean)).toHaveLength(10_000);
    expect(answers.at(-1)).toBe(false);
  });
});
