import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, onTestFinished, test } from "vitest";
import { cookieSession, live, NOTICE_CHANNELS, type Notice } from "../src/index.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { counter, SECRET, startTestServer } from "./test-server.ts";

/** Starts a server. Returns its warnings, and the reasons of all refusals that it published. */
async function startWatched(options: Parameters<typeof startTestServer>[0] = {}) {
  const warnings: string[] = [];
  const reasons: string[] = [];
  const onNotice = (message: unknown): void => void reasons.push((message as Notice).reason);
  subscribe(NOTICE_CHANNELS.refused, onNotice);
  onTestFinished(() => void unsubscribe(NOTICE_CHANNELS.refused, onNotice));
  const logger = {
    warn: (message: string) => void warnings.push(message),
    error: (message: string) => void warnings.push(message),
  };
  const { url, server } = await startTestServer({ logger, ...options });
  return { url, server, warnings, reasons };
}

test("an upgrade from a foreign origin is logged once, with advice, and published each time", async () => {
  const { url, warnings, reasons } = await startWatched();
  for (let count = 0; count < 3; count += 1) {
    await expect(RawClient.open(url, { origin: "https://evil.test" })).rejects.toThrow("403");
  }
  expect(reasons).toEqual(["origin", "origin", "origin"]);
  expect(warnings).toEqual([
    expect.stringMatching(/403.*expected.*127\.0\.0\.1.*found.*"https:\/\/evil\.test".*origin: \[/),
  ]);
});

test.each([
  ["protocol_version", { vsn: "1.0.0" }, /400.*vsn=2\.0\.0.*found "1\.0\.0"/],
  ["no_csrf_token", {}, /_csrf_token.*found none.*csrf-token/],
  ["no_session", { csrfToken: "x" }, /session cookie.*found none/],
])("an upgrade that is refused for %s is logged", async (reason, options, line) => {
  const { url, warnings, reasons } = await startWatched();
  await RawClient.open(url, options).catch(() => undefined);
  expect(reasons).toEqual([reason]);
  expect(warnings).toEqual([expect.stringMatching(line)]);
});

test("a page whose cookie does not come back works, and the log names the options to set", async () => {
  const { url, warnings, reasons } = await startWatched();
  const page = await loadPage(url);
  const client = await RawClient.openFor({ ...page, cookie: "" });
  client.join(page, "1");
  expect((await client.reply("1")).status).toBe("ok");
  expect(reasons).toEqual(["cookie_missing"]);
  expect(warnings).toEqual([expect.stringMatching(/cookie.*sameSite: "none".*`secure: true`/)]);
});

test("two tabs that race on a first visit cause no notice", async () => {
  const { url, warnings, reasons } = await startWatched();
  const [one, two] = [await loadPage(url), await loadPage(url)];
  const client = await RawClient.openFor({ ...one, cookie: two.cookie });
  client.join(one, "1");
  expect((await client.reply("1")).status).toBe("ok");
  expect([...warnings, ...reasons]).toEqual([]);
});

test.each([
  ["foreign_csrf_token", { session: "of another" }, /login or logout/],
  ["page_token_malformed", { page: "x" }, /LIVE_VIEW_SECRET/],
  ["page_token_forged", { secret: "another secret of at least 32 chars" }, /LIVE_VIEW_SECRET/],
  ["foreign_page", { mixed: true }, /another session/],
  ["page_url", { url: "/elsewhere" }, /"\/elsewhere".*prefix/],
])("a join that is refused for %s is logged, with advice", async (reason, how, line) => {
  const sessions = cookieSession({ secrets: [SECRET], name: "sid" });
  const { url, warnings, reasons } = await startWatched({ sessions });
  let page = await loadPage(url);
  let join = page;
  if ("session" in how) page = { ...page, cookie: sessions.renew({ user: 1 }).setCookie };
  if ("page" in how) join = { ...page, session: how.page };
  if ("secret" in how) {
    const old = await startTestServer({ secret: how.secret });
    join = await loadPage(old.url);
  }
  if ("mixed" in how) join = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(join, "1", "url" in how ? { url: new URL(how.url, url).href } : {});
  expect((await client.reply("1")).status).toBe("error");
  expect(reasons).toEqual([reason]);
  expect(warnings).toEqual([expect.stringMatching(line)]);
});

test("a page that leaves its live session is not logged, but published", async () => {
  const { url, warnings, reasons } = await startWatched({ routes: [live("/", counter)] });
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  const redirect = new URL("/elsewhere#part", url).href;
  client.join(page, "1", { url: undefined, redirect, flash: "signed" });
  // The client would only scroll to a URL with a fragment, so it is omitted. The flash is kept.
  expect((await client.reply("1")).response).toEqual({
    redirect: { to: "/elsewhere", flash: "signed" },
  });
  client.join(page, "2", { url: undefined, redirect, params: { _mounts: 1 } });
  expect((await client.reply("2")).response).toEqual({ reason: "unauthorized_again" });
  expect(warnings).toEqual([]);
  expect(reasons).toEqual(["left_live_session", "left_live_session"]);
});

test("a socket that is refused while the server drains is not logged, but published", async () => {
  const { url, server, warnings, reasons } = await startWatched();
  await server.drain();
  await expect(RawClient.open(url)).rejects.toThrow("503");
  expect([warnings, reasons]).toEqual([[], ["draining"]]);
});
