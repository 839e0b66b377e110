import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  createLiveServer,
  html,
  HttpError,
  keyed,
  live,
  liveSession,
  liveView,
  navigateLink,
  patchLink,
  withSchema,
  type EndReason,
  type LiveServerOptions,
  type Socket,
  type ViewHook,
} from "../src/index.ts";
import { createTestClient, type TestClient } from "../src/testing.ts";
import { counter, SECRET } from "./test-server.ts";

function testClient(options: Partial<LiveServerOptions> & Pick<LiveServerOptions, "routes">): {
  client: TestClient;
  errors: unknown[];
} {
  const errors: unknown[] = [];
  const server = createLiveServer({
    secret: SECRET,
    logger: { error: (_, cause) => void errors.push(cause), warn: () => undefined },
    ...options,
  });
  return { client: createTestClient(server), errors };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("mount and events", () => {
  test("a view is mounted twice: for the first render, and when its socket joins", async () => {
    const mounts: boolean[] = [];
    const view = liveView<object>({
      name: "v",
      mount: (socket) => void mounts.push(socket.connected),
      render: (_, { connected }) => html`<p>${connected ? "live" : "dead"}</p>`,
    });
    const { client } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/", { connect: false });
    expect(page.text("p")).toBe("dead");
    await page.connect();
    expect(page.text("p")).toBe("live");
    expect(mounts).toEqual([false, true]);
  });

  test("an event's answer holds what changed and nothing else; nothing changed is an empty answer", async () => {
    const { client } = testClient({ routes: [live("/", counter)] });
    const page = await client.visit("/");
    expect(await page.click("button")).toEqual({ status: "ok", response: { diff: { "0": "1" } } });
    expect(page.text(".count")).toBe("1");
    expect(await page.pushEvent("nothing")).toEqual({ status: "ok", response: {} });
  });

  test("an object that was changed in place and assigned again is seen", async () => {
    const view = liveView<{ items: string[] }>({
      name: "v",
      mount: (socket) => socket.assign({ items: ["a"] }),
      handleEvent: {
        add(socket) {
          socket.assigns.items.push("b");
          socket.assign({ items: socket.assigns.items });
        },
      },
      render: ({ items }) =>
        html`<ul>
          ${keyed(
            items,
            (item) => item,
            (item) => html`<li>${item}</li>`,
          )}
        </ul>`,
    });
    const { client } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.pushEvent("add");
    expect(page.html).toContain("<li>a</li><li>b</li>");
  });

  test("forms are decoded, a schema types and checks them", async () => {
    const view = liveView<{ total: number }>({
      name: "v",
      mount: (socket) => socket.assign({ total: 0 }),
      handleEvent: {
        add: withSchema(z.object({ amount: z.coerce.number() }), (socket, { amount }) => {
          expectTypeOf(amount).toEqualTypeOf<number>();
          socket.assign({ total: socket.assigns.total + amount });
        }),
      },
      render: ({ total }) =>
        html`<form phx-submit="add"><input name="amount" value="2" /></form>
          <p>${total}</p>`,
    });
    const { client, errors } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.submit("form");
    await page.submit("form", { amount: "40" });
    expect(page.text("p")).toBe("42");
    await expect(page.submit("form", { amuont: "1" })).rejects.toThrow(
      'no field named "amuont"; it has: amount',
    );
    await page.submit("form", { amount: "many" });
    expect(page.crashed).toBe(true);
    expect(errors).toEqual([expect.objectContaining({ code: "invalid_event_value" })]);
  });

  test("pushed events, the title and a hook's reply arrive with the diff", async () => {
    const view = liveView<{ n: number }>({
      name: "v",
      mount(socket) {
        socket.assign({ n: 0 });
        socket.setTitle("First");
      },
      handleEvent: {
        go(socket, value) {
          socket.assign({ n: 1 });
          socket.setTitle("Second");
          socket.pushEvent("saved", { id: 7 });
          socket.pushEvent("before", {}, { beforePatch: true });
          socket.reply({ got: value });
        },
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    expect(page.document).toContain("<title>First</title>");
    const { response } = await page.pushEvent("go", { q: 1 });
    expect(response.diff).toEqual({
      "0": "1",
      t: "Second",
      e: [
        ["saved", { id: 7 }],
        ["before", {}, true],
      ],
      r: { got: { q: 1 } },
    });
    expect(page.title).toBe("Second");
    expect(page.events.map(({ name }) => name)).toEqual(["saved", "before"]);
  });
});

describe("one mailbox", () => {
  test("slow handlers run one at a time; replies and pushes leave in order", async () => {
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
    const { client } = testClient({ routes: [live("/", view)] });
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

  test("a reply waits for what was handed to waitUntil", async () => {
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
    const { client } = testClient({ routes: [live("/", view)] });
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

  test("what changes outside of any handler is sent at once, together", async () => {
    let socket: Socket<{ n: number }> | undefined;
    const view = liveView<{ n: number }>({
      name: "v",
      mount(mounted) {
        socket = mounted;
        mounted.assign({ n: 0 });
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = testClient({ routes: [live("/", view)] });
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

  test("what a hook changes after a render follows, and does not loop", async () => {
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
    const { client } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.waitFor((each) => each.text("p") === "1");
    for (let count = 0; count < 20; count++) await nextTurn();
    expect(renders).toBe(2);
  });

  test("timers end with the view", async () => {
    const countTimers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const timersBefore = countTimers();
    const sockets: Socket<{ n: number }, "tick">[] = [];
    const view = liveView<{ n: number }, "tick">({
      name: "v",
      mount(socket) {
        sockets.push(socket);
        socket.assign({ n: 0 });
        socket.sendEvery("tick", 1);
      },
      handleInfo: (socket) => socket.assign({ n: socket.assigns.n + 1 }),
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const { client } = testClient({ routes: [live("/", view)] });
    const page = await client.visit("/");
    await page.waitFor((each) => Number(each.text("p")) >= 2);
    await page.disconnect();
    const socket = sockets.at(-1);
    expect(socket?.ended).toBe(true);
    expect(socket?.signal.aborted).toBe(true);
    expect(socket?.send("tick")).toBe(false);
    expect(countTimers()).toBe(timersBefore);
  });
});

describe("crashes", () => {
  test("kill that view alone, are reported with their cause, and the rejoin mounts anew", async () => {
    const { client, errors } = testClient({ routes: [live("/", counter)] });
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

  test("an event that the view does not handle is a crash that says so", async () => {
    const { client, errors } = testClient({ routes: [live("/", counter)] });
    for (const name of ["unknown", "constructor", "__proto__"]) {
      const page = await client.visit("/");
      await page.pushEvent(name);
      expect(page.crashed).toBe(true);
    }
    expect(errors).toHaveLength(3);
    expect(errors[0]).toMatchObject({ code: "unknown_event" });
  });

  test("a view that crashes again and again is not mounted for a while, in that session only", async () => {
    let nowMs = Date.now();
    const { client } = testClient({ routes: [live("/", counter)], now: () => nowMs });
    const page = await client.visit("/");
    for (let count = 0; count < 5; count++) {
      await page.pushEvent("crash");
      await page.rejoin();
    }
    expect(page.joinError).toEqual({ reason: "crash_loop" });
    nowMs += 60_000;
    await page.rejoin();
    expect(page.joinError).toBeUndefined();
  });

  test("a failing mount refuses the join; a 4xx error becomes a page of that status", async () => {
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
    const { client, errors } = testClient({
      routes: [live("/failing", failing), live("/missing", missing)],
    });
    const page = await client.visit("/failing");
    fail = true;
    await page.reconnect();
    expect(page.joinError).toEqual({ reason: "join crashed" });
    expect((await client.visit("/failing")).status).toBe(500);
    expect(errors).toHaveLength(2);
    const gone = await client.visit("/missing");
    expect(gone.status).toBe(404);
    expect(gone.document).toContain("No such &lt;user&gt;");
  });
});

describe("hooks", () => {
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

  test("attach to mount, render, event, info and the end", async () => {
    const log: string[] = [];
    const { client } = testClient({ routes: [live("/", viewWith(recording(log), log))] });
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

  test("a hook can refuse a mount by a redirect, and stop an event", async () => {
    const log: string[] = [];
    const guard = recording(log, {
      onMount(socket) {
        socket.redirect("/login");
        return "halt";
      },
    });
    const login = liveView<object>({ name: "login", render: () => html`<h1>Log in</h1>` });
    const { client } = testClient({
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
  ])("the end of a view is told as %s", async (reason, end) => {
    const log: string[] = [];
    const { client } = testClient({ routes: [live("/", viewWith(recording(log), log))] });
    const page = await client.visit("/");
    await end(page);
    expect(log).toContain(`end ${reason}`);
    expect(log).toContain(`own end ${reason}`);
  });

  test("a view whose mount failed is ended too", async () => {
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
    const { client } = testClient({ routes: [live("/", view)] });
    await client.visit("/");
    expect(log).toContain("end crashed");
  });
});

describe("navigation", () => {
  interface Paged {
    page: string;
  }
  const paged = liveView<Paged>({
    name: "paged",
    handleParams: (socket, params) => socket.assign({ page: params.page ?? "1" }),
    handleEvent: {
      next: (socket) => socket.pushPatch(`/?page=${Number(socket.assigns.page) + 1}`),
      wrong: (socket) => socket.pushPatch("/other"),
      away: (socket) => {
        socket.putFlash("info", "Bye");
        socket.pushNavigate("/other");
      },
      out: (socket) => socket.redirect("https://example.com/"),
      evil: (socket) => socket.redirect("javascript:alert(1)"),
    },
    render: ({ page }) =>
      html`<p>${page}</p>
        <a ${patchLink("/?page=9")}>Nine</a> <a ${navigateLink("/other")}>Other</a
        ><a class="admin" ${patchLink("/admin")}>Admin</a>`,
  });
  const other = liveView<object>({
    name: "other",
    mount: (socket) => socket.setTitle("Other"),
    render: (_, { flash }) =>
      html`<h1>Other</h1>
        <p>${flash.info}</p>`,
  });
  const admin = liveView<object>({ name: "admin", render: () => html`<h1>Admin</h1>` });
  const routes = [
    live("/", paged),
    live("/other", other),
    liveSession("admin", {}, [live("/admin", admin)]),
  ];

  test("a patch link runs handleParams and answers with the diff", async () => {
    const { client } = testClient({ routes });
    const page = await client.visit("/?page=2");
    expect(page.text("p")).toBe("2");
    expect((await page.click("a", { text: "Nine" })).response).toEqual({ diff: { "0": "9" } });
    expect(page.url.search).toBe("?page=9");
  });

  test("a patch by the view pushes the URL before the reply", async () => {
    const { client } = testClient({ routes });
    const page = await client.visit("/");
    expect((await page.pushEvent("next")).response).toEqual({ diff: { "0": "2" } });
    expect(page.url.search).toBe("?page=2");
  });

  test("a patch to another view crashes, and says what to use", async () => {
    const { client, errors } = testClient({ routes });
    const page = await client.visit("/");
    await page.pushEvent("wrong");
    expect(errors).toEqual([
      expect.objectContaining({
        code: "invalid_navigation",
        message: expect.stringContaining("pushNavigate") as string,
      }),
    ]);
  });

  test("navigation joins another view over the same socket, with its flash and title", async () => {
    const { client } = testClient({ routes });
    const page = await client.visit("/");
    await page.pushEvent("away");
    expect(page.text("h1")).toBe("Other");
    expect(page.text("p")).toBe("Bye");
    expect(page.title).toBe("Other");
    await page.reconnect();
    expect(page.text("h1")).toBe("Other");
    expect(page.text("p")).toBe("");
  });

  test("a patch link out of the view is answered with link_redirect", async () => {
    const { client } = testClient({ routes });
    const page = await client.visit("/");
    await page.patch("/other");
    expect(page.text("h1")).toBe("Other");
  });

  test("live navigation out of the live session is refused", async () => {
    const { client } = testClient({ routes });
    const page = await client.visit("/");
    await page.navigate("/admin");
    expect(page.joinError).toEqual({ reason: "unauthorized_again" });
  });

  test("redirects go out, but not to a script", async () => {
    const { client, errors } = testClient({ routes });
    const page = await client.visit("/");
    expect((await page.pushEvent("out")).response).toEqual({
      redirect: { to: "https://example.com/" },
    });
    const second = await client.visit("/");
    await second.pushEvent("evil");
    expect(errors).toEqual([expect.objectContaining({ code: "invalid_navigation" })]);
  });

  test.each(["//evil.com", "/\\evil.com", "evil", "http://evil.com"])(
    "navigation to %j is refused",
    async (to) => {
      const view = liveView<object>({
        name: "v",
        handleEvent: { go: (socket) => socket.pushNavigate(to) },
        render: () => html`<p></p>`,
      });
      const { client, errors } = testClient({ routes: [live("/", view)] });
      await (await client.visit("/")).pushEvent("go");
      expect(errors).toEqual([expect.objectContaining({ code: "invalid_navigation" })]);
    },
  );
});

describe("pages that are told to load anew", () => {
  test("stale is said to an old page; a fresh one is kept from loading again at once", async () => {
    let nowMs = Date.now();
    const { client } = testClient({ routes: [live("/", counter)], now: () => nowMs });
    const page = await client.visit("/");
    client.cookies.clear();
    await page.reconnect();
    expect(page.joinError).toEqual({ reason: "stale_again" });
    nowMs += 11_000;
    await page.rejoin();
    expect(page.joinError).toEqual({ reason: "stale" });
    page.url.hash = "#part";
    await page.rejoin();
    expect(page.url.hash).toBe("");
  });

  test("the flash of a redirected page load shows once", async () => {
    const from = liveView<object>({
      name: "from",
      mount(socket) {
        socket.putFlash("info", "Saved");
        socket.redirect("/to");
      },
      render: () => html`<p></p>`,
    });
    const to = liveView<object>({
      name: "to",
      render: (_, { flash }) => html`<p>${flash.info}</p>`,
    });
    const { client } = testClient({ routes: [live("/from", from), live("/to", to)] });
    const page = await client.visit("/from");
    expect(page.text("p")).toBe("Saved");
    await page.pushEvent("lv:clear-flash", { key: "info" });
    expect(page.text("p")).toBe("");
    await page.reconnect();
    expect(page.text("p")).toBe("");
    expect((await client.visit("/to")).text("p")).toBe("");
  });
});
