import { describe, expect, test } from "vitest";
import {
  cookieSession,
  html,
  live,
  liveSession,
  liveView,
  navigateLink,
  patchLink,
  textParam,
} from "../src/index.ts";
import { reportingClient } from "./reporting-client.ts";
import { counter, SECRET } from "./test-server.ts";

describe("live navigation", () => {
  interface Paged {
    page: string;
  }
  const paged = liveView<Paged>({
    name: "paged",
    handleParams: (socket, params) => socket.assign({ page: textParam(params, "page") ?? "1" }),
    handleEvent: {
      next: (socket) => socket.pushPatch(`/?page=${Number(socket.assigns.page) + 1}`),
      wrong: (socket) => socket.pushPatch("/other"),
      away: (socket) => {
        socket.putFlash("info", "Bye");
        socket.pushNavigate("/other");
      },
      out: (socket) => socket.redirect({ external: "https://example.com/" }),
      open: (socket) => socket.redirect("https://evil.example/"),
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

  test("by a patch link runs handleParams and answers with the diff", async () => {
    const { client } = reportingClient({ routes });
    const page = await client.visit("/?page=2");
    expect(page.text("p")).toBe("2");
    expect((await page.click("a", { text: "Nine" })).response).toEqual({ diff: { "0": "9" } });
    expect(page.url.search).toBe("?page=9");
  });

  test("by pushPatch sends the URL before the reply", async () => {
    const { client } = reportingClient({ routes });
    const page = await client.visit("/");
    expect((await page.pushEvent("next")).response).toEqual({ diff: { "0": "2" } });
    expect(page.url.search).toBe("?page=2");
  });

  test("by pushPatch to another view crashes with an error that advises pushNavigate", async () => {
    const { client, errors } = reportingClient({ routes });
    const page = await client.visit("/");
    await page.pushEvent("wrong");
    expect(errors).toEqual([
      expect.objectContaining({
        code: "invalid_navigation",
        message: expect.stringContaining("pushNavigate") as string,
      }),
    ]);
  });

  test("joins another view over the same socket, with its flash and title", async () => {
    const { client } = reportingClient({ routes });
    const page = await client.visit("/");
    await page.pushEvent("away");
    expect(page.text("h1")).toBe("Other");
    expect(page.text("p")).toBe("Bye");
    expect(page.title).toBe("Other");
    await page.reconnect();
    expect(page.text("h1")).toBe("Other");
    expect(page.text("p")).toBe("");
  });

  test("by a patch link to another view is answered with link_redirect", async () => {
    const { client } = reportingClient({ routes });
    const page = await client.visit("/");
    await page.patch("/other");
    expect(page.text("h1")).toBe("Other");
  });

  test.each(["/admin", "/nowhere"])(
    "out of the live session, to %s, is refused, so that the client loads the page",
    async (path) => {
      const { client } = reportingClient({ routes });
      const page = await client.visit("/");
      await page.navigate(path);
      expect(page.joinError).toEqual({ reason: "unauthorized" });
    },
  );

  test("leaves the site only to an explicit external URL, never to a text or a script", async () => {
    const { client, errors } = reportingClient({ routes });
    const page = await client.visit("/");
    expect((await page.pushEvent("out")).response).toEqual({
      redirect: { to: "https://example.com/" },
    });
    const second = await client.visit("/");
    await second.pushEvent("evil");
    await (await client.visit("/")).pushEvent("open");
    const refused: unknown = expect.objectContaining({ code: "invalid_navigation" });
    expect(errors).toEqual([refused, refused]);
  });

  test.each(["//evil.com", "/\\evil.com", "evil", "http://evil.com"])(
    "to %j is refused",
    async (to) => {
      const view = liveView<object>({
        name: "v",
        handleEvent: { go: (socket) => socket.pushNavigate(to) },
        render: () => html`<p></p>`,
      });
      const { client, errors } = reportingClient({ routes: [live("/", view)] });
      await (await client.visit("/")).pushEvent("go");
      expect(errors).toEqual([expect.objectContaining({ code: "invalid_navigation" })]);
    },
  );
});

describe("a page that must be reloaded", () => {
  test("gets stale if it is old, and stale_again if it is fresh, which delays the next reload", async () => {
    let nowMs = Date.now();
    const sessions = cookieSession({ secrets: [SECRET], name: "sid", now: () => nowMs });
    const { client } = reportingClient({
      routes: [live("/", counter)],
      sessions,
      now: () => nowMs,
    });
    const page = await client.visit("/");
    const [, somebody = ""] = sessions.renew({ user: 1 }).setCookie.split(/=|;/);
    client.cookies.set("sid", somebody);
    await page.reconnect();
    expect(page.joinError).toEqual({ reason: "stale_again" });
    nowMs += 11_000;
    await page.rejoin();
    expect(page.joinError).toEqual({ reason: "stale" });
    page.url.hash = "#part";
    await page.rejoin();
    expect(page.url.hash).toBe("");
  });

  test("shows the flash of the redirect that led to it once", async () => {
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
    const { client } = reportingClient({ routes: [live("/from", from), live("/to", to)] });
    const page = await client.visit("/from");
    expect(page.text("p")).toBe("Saved");
    await page.pushEvent("lv:clear-flash", { key: "info" });
    expect(page.text("p")).toBe("");
    await page.reconnect();
    expect(page.text("p")).toBe("");
    expect((await client.visit("/to")).text("p")).toBe("");
  });
});
