import { expect, test } from "vitest";
import { html, liveView } from "../index.ts";
import { live } from "../routing/routes.ts";
import { createLiveServer, type LiveServer } from "../server/live-server.ts";
import { createTestClient } from "./test-client.ts";

const SECRET = "the same for both releases of this test";

const release = (words: string, secret = SECRET): LiveServer => {
  const view = liveView({ name: "page", render: () => html`<p>${words}</p>` });
  return createLiveServer({ routes: [live("/", view)], secret });
};

test("an open page reaches the deployed server when it reconnects, and its tokens are valid there", async () => {
  const client = createTestClient(release("first"));
  const page = await client.visit("/");
  client.deploy(release("second"));
  expect(page.text("p")).toBe("first");
  await page.reconnect();
  expect(page.joinError).toBeUndefined();
  expect(page.text("p")).toBe("second");
  expect((await client.visit("/")).text("p")).toBe("second");
});

test("a deployed server with another secret refuses the open page", async () => {
  const client = createTestClient(release("first"));
  const page = await client.visit("/");
  client.deploy(release("second", "another secret, as if it had been forgotten"));
  await page.reconnect();
  // Not `stale`, because a page that was loaded just now must not reload at once.
  expect(page.joinError).toEqual({ reason: "stale_again" });
});
