import { describe, expect, test } from "vitest";
import { html, live, liveView } from "../src/index.ts";
import { loadPage, RawClient, type LoadedPage } from "./raw-client.ts";
import { reportingClient } from "./reporting-client.ts";
import { startTestServer } from "./test-server.ts";

const page = liveView<{ given: string }>({
  name: "page",
  mount: (socket) => socket.assign({ given: "" }),
  handleParams: (socket, _, url) => socket.assign({ given: url.href }),
  handleEvent: { where: (socket) => socket.reply({ url: socket.url.href }) },
  render: ({ given }) => html`<a data-phx-link="patch" href="/p/3">${given}</a>`,
});
const routes = [live("/", page), live("/p/:id", page)];

const FOREIGN = "https://evil.example:8443";

/** Returns the URL that a joined view sees. */
async function urlAfter(client: RawClient, loaded: LoadedPage, joinRef: string): Promise<string> {
  client.send([joinRef, `${joinRef}w`, `lv:${loaded.id}`, "event", { event: "where", value: {} }]);
  const { response } = await client.reply(`${joinRef}w`);
  return (response as { diff: { r: { url: string } } }).diff.r.url;
}

describe("the URL of a view has the scheme and host to which its socket was opened", () => {
  test.each([
    ["a join", { url: `${FOREIGN}/p/1?a=1#b` }],
    ["a join by live navigation", { url: undefined, redirect: `${FOREIGN}/p/1?a=1#b` }],
    ["a join with a user", { url: "https://user:word@evil.example/p/1?a=1#b" }],
    ["a join with another scheme", { url: "evil://evil.example/p/1?a=1#b" }],
  ])("even if %s names another host", async (_, changes) => {
    const { url } = await startTestServer({ routes });
    const loaded = await loadPage(url);
    const client = await RawClient.openFor(loaded);
    client.join(loaded, "1", changes);
    const { status, response } = await client.reply("1");
    expect(status).toBe("ok");
    expect(JSON.stringify(response)).toContain(`${url}p/1?a=1#b`);
    expect(JSON.stringify(response)).not.toContain("evil");
    expect(await urlAfter(client, loaded, "1")).toBe(`${url}p/1?a=1#b`);
  });

  test("even if a live patch names another host", async () => {
    const { url } = await startTestServer({ routes });
    const loaded = await loadPage(url);
    const client = await RawClient.openFor(loaded);
    client.join(loaded, "1");
    await client.reply("1");
    client.send(["1", "2", `lv:${loaded.id}`, "live_patch", { url: `${FOREIGN}/p/2` }]);
    expect((await client.reply("2")).response).toMatchObject({ diff: { "0": `${url}p/2` } });
    expect(await urlAfter(client, loaded, "1")).toBe(`${url}p/2`);
  });

  test.each(["evil:p/1", "mailto:a@evil.example", "data:,/p/1"])(
    "and a join with %s, which is no URL of a page, is refused",
    async (location) => {
      const { url } = await startTestServer({ routes });
      const loaded = await loadPage(url);
      const client = await RawClient.openFor(loaded);
      client.join(loaded, "1", { url: location });
      expect((await client.reply("1")).response).toEqual({ reason: "unauthorized_again" });
    },
  );

  test("and a path that looks like a host stays a path", async () => {
    const { url } = await startTestServer({ routes });
    const loaded = await loadPage(url);
    const client = await RawClient.openFor(loaded);
    client.join(loaded, "1", { url: "http://127.0.0.1//evil.example/p/1" });
    expect((await client.reply("1")).status).toBe("error");
  });

  test.each([
    [true, "https://app.test/p/1"],
    [false, "http://127.0.0.1/p/1"],
  ])("or those that a proxy forwarded, with trustProxy: %s", async (trustProxy, expected) => {
    const { url } = await startTestServer({ routes, trustProxy, origin: "any" });
    const headers = {
      Host: "127.0.0.1",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "app.test",
    };
    const loaded = await loadPage(url);
    const client = await RawClient.open(url, { ...loaded, headers });
    client.join(loaded, "1", { url: `${FOREIGN}/p/1` });
    expect((await client.reply("1")).status).toBe("ok");
    expect(await urlAfter(client, loaded, "1")).toBe(expected);
  });

  test("and no view is joined under an invalid host", async () => {
    const { url } = await startTestServer({ routes, origin: "any" });
    const loaded = await loadPage(url);
    for (const Host of ["user@evil.example", "evil.example/x?", "evil.example#"]) {
      const client = await RawClient.open(url, { ...loaded, headers: { Host } });
      client.join(loaded, "1");
      expect((await client.reply("1")).response).toEqual({ reason: "unauthorized_again" });
    }
  });

  test("in the headless client as well", async () => {
    const { client } = reportingClient({ routes });
    const visited = await client.visit("/");
    await visited.patch(`${FOREIGN}/p/2`);
    expect(visited.text("a")).toBe("http://localhost/p/2");
    await visited.navigate(`${FOREIGN}/p/1`);
    expect(visited.text("a")).toBe("http://localhost/p/1");
    await visited.reconnect();
    expect(visited.text("a")).toBe("http://localhost/p/1");
  });
});
