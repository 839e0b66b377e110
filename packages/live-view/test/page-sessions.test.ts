import { parse } from "node-html-parser";
import { describe, expect, test } from "vitest";
import { cookieSession, html, live, liveView, type SessionSource } from "../src/index.ts";
import { loadPage, RawClient, type LoadedPage } from "./raw-client.ts";
import { SECRET, startTestServer } from "./test-server.ts";

const secrets = [SECRET];

/** Shows the session and the user of its page. */
const whoami = liveView<{ id: string; user: string }>({
  name: "whoami",
  mount(socket) {
    socket.assign({
      id: socket.session.id,
      user: socket.session.user === "ada" ? "ada" : "nobody",
    });
  },
  render: ({ id, user }) => html`<p>${id}</p><b>${user}</b>`,
});

const shown = (document: string) => ({
  id: parse(document).querySelector("p")?.text ?? "",
  user: parse(document).querySelector("b")?.text ?? "",
});

/** Joins a page with the cookies that its browser has meanwhile. */
async function joinWith(page: LoadedPage, cookie: string) {
  const client = await RawClient.open(page.url, { csrfToken: page.csrfToken, cookie });
  client.join(page, "1");
  const { status, response } = await client.reply("1");
  client.socket.terminate();
  return { status, text: JSON.stringify(response) };
}

describe("the page of an anonymous visitor", () => {
  test("keeps its session if the first visit of another tab has overwritten the cookie", async () => {
    const { url } = await startTestServer({ routes: [live("/", whoami)] });
    const one = await loadPage(url);
    const two = await loadPage(url);
    expect(one.cookie).not.toBe(two.cookie);
    const joined = await joinWith(one, two.cookie);
    expect(joined.status).toBe("ok");
    expect(joined.text).toContain(shown(one.document).id);
  });

  test.each([
    ["there is no cookie", ""],
    ["an application with another secret has overwritten it", "foreign"],
  ])("keeps its session although %s", async (_, kind) => {
    const { url } = await startTestServer({ routes: [live("/", whoami)] });
    const page = await loadPage(url);
    const [name = ""] = page.cookie.split("=");
    const others = cookieSession({ secrets: ["another secret of at least 32 chars"], name });
    const cookie = kind === "" ? "" : (others.renew({}).setCookie.split(";")[0] ?? "");
    const joined = await joinWith(page, cookie);
    expect(joined.status).toBe("ok");
    expect(joined.text).toContain(shown(page.document).id);
  });

  test("has a session of its own if the application starts none", async () => {
    const sessions: SessionSource = { read: () => undefined };
    const { url } = await startTestServer({ routes: [live("/", whoami)], sessions });
    const page = await loadPage(url);
    const joined = await joinWith(page, "");
    expect(joined.status).toBe("ok");
    expect(joined.text).toContain(shown(page.document).id);
  });

  test("is reloaded after its visitor has logged in in another tab", async () => {
    const sessions = cookieSession({ secrets });
    const { url } = await startTestServer({ routes: [live("/", whoami)], sessions });
    const page = await loadPage(url);
    const cookie = sessions.renew({ user: "ada" }).setCookie.split(";")[0] ?? "";
    expect(await joinWith(page, cookie)).toEqual({
      status: "error",
      text: '{"reason":"stale_again"}',
    });
  });

  test("has a token that the page of another session cannot use", async () => {
    const { url } = await startTestServer({ routes: [live("/", whoami)] });
    const one = await loadPage(url);
    const two = await loadPage(url);
    const mixed = { ...two, csrfToken: one.csrfToken };
    expect((await joinWith(mixed, "")).status).toBe("error");
  });
});

describe("the page of a known visitor", () => {
  const sessions = cookieSession({ secrets });
  const ada = sessions.renew({ user: "ada" }).setCookie.split(";")[0] ?? "";

  test("needs the cookie: its token alone opens no socket", async () => {
    const { url } = await startTestServer({ routes: [live("/", whoami)], sessions });
    const page = await loadPage(url, ada);
    expect(shown(page.document).user).toBe("ada");
    expect((await joinWith(page, ada)).text).toContain("ada");
    for (const cookie of ["", sessions.renew({}).setCookie.split(";")[0] ?? ""]) {
      expect(await joinWith(page, cookie)).toMatchObject({ status: "error" });
    }
  });

  test("finds its cookie among others of the same name in any order", async () => {
    const { url } = await startTestServer({ routes: [live("/", whoami)], sessions });
    const [name = ""] = ada.split("=");
    for (const cookie of [`${name}=of.a.parent-domain; ${ada}`, `${ada}; ${name}=x`]) {
      expect(shown((await loadPage(url, cookie)).document).user).toBe("ada");
    }
  });

  test("keeps the session of a source without isAnonymous", async () => {
    const source: SessionSource = { read: () => ({ id: "of the application" }) };
    const { url } = await startTestServer({ routes: [live("/", whoami)], sessions: source });
    const page = await loadPage(url);
    // A CSRF token: without isAnonymous, the page must not contain the session itself.
    expect(page.csrfToken).toHaveLength(59);
    expect((await joinWith(page, "")).text).toContain("of the application");
  });
});
