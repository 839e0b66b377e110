import { fileURLToPath } from "node:url";
import { freePort, spawnServer, startChromium, type SpawnedServer } from "@live-stash/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

type Browser = Awaited<ReturnType<typeof startChromium>>;
type Page = Awaited<ReturnType<Browser["newPage"]>>;

const supervisor = fileURLToPath(new URL("../src/supervisor.ts", import.meta.url));

let browser: Browser;
let showcase: SpawnedServer;
let url: string;
let page: Page;
/** The errors on the page's console. */
let complaints: string[];

beforeAll(async () => {
  const port = String(await freePort());
  [browser, showcase] = await Promise.all([startChromium(), startShowcase(port)]);
  url = showcase.ready[1] ?? "";
});

afterAll(async () => {
  await browser.close();
  showcase.kill();
  await showcase.exited;
});

beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
});

afterEach(async () => {
  await page.close();
  if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
});

function startShowcase(port: string): Promise<SpawnedServer> {
  return spawnServer({
    command: process.execPath,
    args: ["--conditions=@live-stash/source", "--import", "tsx", supervisor],
    env: { PORT: port, HOST: undefined, LIVE_VIEW_SECRET: undefined, LIVE_STASH_SECRET: undefined },
    readyLine: /ready at (http:\S+)/,
  });
}

async function open(path: string): Promise<void> {
  await page.goto(new URL(path, url).href);
  await page.locator(".phx-connected").waitFor();
}

async function press(name: string, side?: "kept" | "lost"): Promise<void> {
  const scope = side === undefined ? page : page.locator(`[data-side=${side}]`);
  await scope.getByRole("button", { name, exact: true }).click();
}

/** Waits until one element, and only one, has this text. */
async function see(selector: string, text: string): Promise<void> {
  await page.locator(selector).getByText(text, { exact: true }).waitFor();
}

describe("the counter", () => {
  beforeEach(async () => {
    await open("/");
    for (let count = 1; count <= 3; count += 1) {
      await press("One more", "kept");
      await see("[data-side=lost]", String(count));
    }
  });

  async function seeOnlyTheKeptSideBack(): Promise<void> {
    await see("[data-fact=status]", "recovered");
    await see("[data-side=kept]", "3");
    await see("[data-side=lost]", "0");
    await see("#connection", "connected");
  }

  test("comes back on the left when the plug was pulled and put back", async () => {
    await press("Pull the plug");
    await see("#connection", "unplugged");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("plug-back");

    await press("Plug back in");

    await seeOnlyTheKeptSideBack();
    expect(await page.getByRole("button", { name: "Plug back in" }).isVisible()).toBe(false);
  });

  test("comes back on the left when the view has crashed", async () => {
    await press("Crash the view");

    await seeOnlyTheKeptSideBack();
  });

  test("is not found after a restart of the server, and the page works on", async () => {
    await press("Restart the server");

    await see("[data-fact=status]", "not_found");
    await see("[data-fact=reason]", "absent");
    await see("[data-side=kept]", "0");
    await press("One more", "kept");
    await see("[data-side=lost]", "1");
    await see("#connection", "connected");
    // The browser itself reports each attempt to reach the server while there was none.
    complaints = complaints.filter((text) => !/WebSocket connection to .* failed/.test(text));
  });

  test("starts anew on a fresh load of the page", async () => {
    await open("/");

    await see("[data-fact=status]", "new");
    await see("[data-side=kept]", "0");
  });
});

test("a test page has its socket where outside tests look for it, and comes back", async () => {
  await open("/test/counter/memory?ttlMs=60000");
  await press("Increment");
  await see(".stat-value", "1");
  await page.evaluate(
    () => new Promise<void>((resolve) => window.liveSocket.disconnect(() => resolve())),
  );
  await page.evaluate(() => window.liveSocket.connect());
  await see(".status", "recovered");
  await see(".stat-value", "1");
});

test("the form is back at its step, with what was typed without a connection", async () => {
  await open("/form");
  const kept = page.locator("[data-side=kept]");
  await kept.getByLabel("Your name").fill("Ada");
  await kept.getByLabel("Email address").fill("ada@example.org");
  await press("Continue", "kept");
  await see("#lost-step", "Your journey");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("kept-step");

  await press("Pull the plug");
  await kept.getByLabel("From").fill("Warsaw");
  await press("Plug back in");

  await see("[data-fact=status]", "recovered");
  await see("#kept-step", "Your journey");
  await see("#lost-step", "You");
  expect(await kept.getByLabel("From").inputValue()).toBe("Warsaw");
  await see(".log", "Sent again by the client: what was typed offline");
  await press("Back", "kept");
  await see("#kept-step", "You");
  expect(await kept.getByLabel("Your name").inputValue()).toBe("Ada");
  expect(await page.locator("#lost-you-name").inputValue()).toBe("");
});

test("what the client sends again from the form's fields does not undo what came back", async () => {
  await open("/form");
  const kept = page.locator("[data-side=kept]");
  await kept.getByLabel("Your name").fill("Ada");
  await kept.getByLabel("Email address").fill("ada@example.org");
  await press("Continue", "kept");
  await see("#kept-step", "Your journey");
  await kept.getByLabel("From").fill("Warsaw");
  await page.locator("#lost-journey-from[value=Warsaw]").waitFor();

  await press("Crash the view");

  await see("[data-fact=status]", "recovered");
  await see("#kept-step", "Your journey");
  expect(await kept.getByLabel("From").inputValue()).toBe("Warsaw");
  await see(".log", "Sent again by the client: what the form shows");
  await see(".log", "Nothing to save: unchanged");
});

describe("while the store is away", () => {
  /** Somebody else on the page, whom the store is away for too. */
  let other: Page;

  async function countAndTakeAway(path: string): Promise<void> {
    other = await browser.newPage();
    await other.goto(new URL(path, url).href);
    await other.locator(".phx-connected").waitFor();
    await open(path);
    await press("One more");
    await press("One more");
    await see(".count", "2");
    await press("Away for 15 s");
    await see(".store-state", "Away for 15 s");
    await press("Reconnect now");
    await see(
      "#connection-message",
      "The page is reconnecting. Meanwhile it keeps what it showed.",
    );
  }

  async function bringBack(): Promise<void> {
    await other.getByRole("button", { name: "Bring the store back" }).click();
    await other.close();
  }

  test("a page that waits keeps what it showed, says so, and is back when the store is", async () => {
    await countAndTakeAway("/store-away");
    await page.getByText("The store does not answer.").waitFor();
    await see(".count", "2");
    await see("#connection", "reconnecting");

    await bringBack();

    await see("[data-fact=status]", "recovered");
    await see(".store-state", "Here");
    await see(".count", "2");
    await see("#connection", "connected");
    expect(await page.locator("#connection-bar").isVisible()).toBe(false);
  });

  test("a page that goes on looks for its earlier work, and is asked about it if it has changed", async () => {
    await countAndTakeAway("/store-away/continue");
    await see(".notice", "Looking for your earlier work …");
    await see(".count", "0");
    await press("One more");
    await see(".log", "Not saved: recovery_pending");

    await bringBack();

    await see("[data-fact=status]", "kept_aside");
    await see(".count", "1");
    await press("Take it");
    await see("[data-fact=status]", "recovered");
    await see(".count", "2");
    expect(await page.getByRole("button", { name: "Delete it" }).count()).toBe(0);
  });
});

describe.each(["/", "/tic-tac-toe", "/form", "/store-away", "/store-away/continue"])(
  "%s",
  (path) => {
    test("has one heading, landmarks, and a name for all that is operated", async () => {
      await open(path);

      expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
      for (const landmark of ["banner", "navigation", "main", "contentinfo"] as const) {
        expect(await page.getByRole(landmark).count(), landmark).toBe(1);
      }
      const named = page.locator("button, a, input:not([type=hidden]), select, textarea");
      const snapshot = await page.locator("body").ariaSnapshot();
      expect(await named.count()).toBeGreaterThan(10);
      expect(snapshot).not.toMatch(/^\s*- (button|link|textbox|combobox|radio)( \[.*\])?:?$/m);
      expect(await page.locator(".pages [aria-current=page]").count()).toBe(1);
    });

    test("fits a screen of 360 pixels", async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await open(path);

      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBe(360);
    });
  },
);

test("a port that is in use is reported without a stack trace", async () => {
  const { port } = new URL(url);

  const output = startShowcase(port).then(
    () => expect.unreachable(),
    (error: unknown) => String(error),
  );

  expect(await output).toContain(`port ${port} of 127.0.0.1 is taken by another program`);
  // An address would lead to that other program.
  expect(await output).not.toContain("http://");
});

test("ends in good order, even when the signal comes to it and its parent's group", async () => {
  showcase.kill("SIGTERM");

  expect(await showcase.exited).toEqual({ code: 0, signal: null });
});
