import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createLiveServer, type Listening, type LiveServerOptions } from "@live-stash/live-view";
import { startChromium, startTcpProxy, type TcpProxy } from "@live-stash/test-servers";
import type { TestWindow } from "./client.ts";

/** A real server, a breakable network in front of it, and a real browser. */
export interface BrowserLab {
  readonly listening: Listening;
  readonly proxy: TcpProxy;
  readonly browser: Browser;
  /** The errors that the server reported. */
  readonly serverErrors: unknown[];
  /** Creates a person: a browser context with its own cookies. */
  newPerson(): Promise<BrowserContext>;
  close(): Promise<void>;
}

async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./client.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    conditions: ["@live-stash/source"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

export async function startBrowserLab(
  options: Pick<LiveServerOptions, "routes" | "limits" | "sessions">,
): Promise<BrowserLab> {
  const serverErrors: unknown[] = [];
  const server = createLiveServer({
    secret: "a secret for tests, of at least 32 characters",
    logger: { error: (_, cause) => void serverErrors.push(cause), warn: () => undefined },
    ...options,
  });
  const script = await bundleClient();
  const listening = await server.listen({
    port: 0,
    handleSignals: false,
    fallback(request, response) {
      if (request.url !== "/assets/app.js") {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" });
      response.end(script);
    },
  });
  const proxy = await startTcpProxy({ targetPort: listening.port });
  const browser = await startChromium();
  return {
    listening,
    proxy,
    browser,
    serverErrors,
    newPerson: () => browser.newContext({ baseURL: `http://127.0.0.1:${proxy.port}` }),
    async close() {
      await browser.close();
      await proxy.close();
      await listening.close();
    },
  };
}

/** One open page, its console errors and the sockets that it opened. */
export interface OpenPage {
  readonly page: Page;
  readonly complaints: string[];
  readonly socketUrls: string[];
  /** The payloads of the page's joins, in order. */
  readonly joins: { readonly params: Readonly<Record<string, unknown>> }[];
}

export async function openPage(person: BrowserContext, path: string): Promise<OpenPage> {
  const page = await person.newPage();
  const opened: OpenPage = { page, complaints: [], socketUrls: [], joins: [] };
  page.on("pageerror", (error) => opened.complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") opened.complaints.push(message.text());
  });
  page.on("websocket", (socket) => {
    opened.socketUrls.push(socket.url());
    socket.on("framesent", ({ payload }) => {
      const [, , , event, body] = JSON.parse(String(payload)) as [0, 0, 0, string, never];
      if (event === "phx_join") opened.joins.push(body);
    });
  });
  await page.goto(path);
  await connected(page);
  return opened;
}

export const connected = async (page: Page): Promise<void> => {
  await page.waitForSelector("[data-phx-main].phx-connected");
};

/** Runs a function in the page, with the test objects on `window`. */
export async function inClient<Result, Argument>(
  page: Page,
  run: (client: TestWindow, argument: Argument) => Result | Promise<Result>,
  argument: Argument,
): Promise<Result> {
  const client = await page.evaluateHandle(() => window as unknown as TestWindow);
  return client.evaluate(run as never, argument);
}

/** Loses the connection and reconnects, as in a tunnel. */
export async function reconnect(page: Page): Promise<void> {
  await disconnect(page);
  await comeBack(page);
}

export function disconnect(page: Page): Promise<void> {
  return inClient(
    page,
    ({ liveSocket }) => new Promise<void>((resolve) => liveSocket.disconnect(() => resolve())),
    undefined,
  );
}

export async function comeBack(page: Page): Promise<void> {
  await inClient(page, ({ liveSocket }) => liveSocket.connect(), undefined);
  await page.waitForSelector("[data-phx-main]:not(.phx-loading).phx-connected");
}

/** Waits until an element has the expected text. */
export async function untilText(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    ([where, wanted]) => document.querySelector(where as string)?.textContent === wanted,
    [selector, text],
    { timeout: 30_000 },
  );
}

export async function increment(page: Page, times: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    const before = Number(await page.textContent("#count"));
    await page.getByRole("button", { name: "Increment" }).click();
    await untilText(page, "#count", String(before + 1));
  }
}
