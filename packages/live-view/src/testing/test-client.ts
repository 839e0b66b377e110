import { parse, serialize } from "cookie";
import { renderPage } from "../first-render/render-page.ts";
import type { LiveServer } from "../server/live-server.ts";
import type { RequestHead } from "../session/session-source.ts";
import { readSocketSession } from "../session/socket-session.ts";
import { TestPage, type OpenSocket, type ParamsFunction } from "./test-page.ts";
import { TestSocket } from "./test-socket.ts";

/** Options of `createTestClient`. */
export interface TestClientOptions {
  /**
   * Creates the `params` of the `LiveSocket` of one page; `window` is the page's.
   * For live-stash: `(window) => initLiveStash({}, { window })`.
   */
  readonly params?: (window: EventTarget) => ParamsFunction;
  /** The origin of the server. Default `http://localhost`. */
  readonly origin?: string;
}

/** A headless browser: cookies, and pages of one server. */
export interface TestClient {
  /**
   * Loads a page, follows HTTP redirects, and connects the page. `{ connect: false }` stops after the
   * first render.
   */
  visit(path: string, options?: { readonly connect?: boolean }): Promise<TestPage>;
  /** The cookies by name; change them to log in or out. */
  readonly cookies: Map<string, string>;
  /**
   * Sends page loads and new sockets to `next` from now on: another release, or another node. Open pages
   * reach it with `reconnect()`. Both servers need the same `secret`, or `next` refuses the open pages.
   */
  deploy(next: LiveServer): void;
}

/** Most redirects of one page load, as a protection from loops. */
const MAX_REDIRECTS = 10;

/**
 * Creates a headless client for tests of views. It runs the server in this process, without sockets or
 * ports; each frame is encoded to text and decoded, as over a network.
 *
 * ```ts
 * const client = createTestClient(createLiveServer({ routes: [live("/", counter)] }));
 * const page = await client.visit("/");
 * await page.click("button", { text: "Increment" });
 * page.text(".count"); // "1"
 * ```
 */
export function createTestClient(server: LiveServer, options: TestClientOptions = {}): TestClient {
  let { runtime } = server;
  const origin = options.origin ?? "http://localhost";
  const params = options.params ?? (() => () => ({}));
  const cookies = new Map<string, string>();

  const request = (url: URL): RequestHead => ({
    url: `${url.pathname}${url.search}`,
    headers: {
      host: url.host,
      cookie: [...cookies].map(([name, value]) => serialize(name, value)).join("; "),
    },
  });

  const keepCookies = (setCookies: readonly string[]): void => {
    for (const header of setCookies) {
      const [first = ""] = header.split(";");
      for (const [name, value] of Object.entries(parse(first))) {
        if (value === undefined || value === "") cookies.delete(name);
        else cookies.set(name, value);
      }
    }
  };

  /** Opens sockets at the origin of their page, as browsers do. */
  const openerFor =
    (url: URL): OpenSocket =>
    async (csrfToken, onPush) => {
      const { session } = await readSocketSession(runtime, request(url), csrfToken);
      return new TestSocket(runtime, session, url.origin, onPush);
    };

  const load = async (path: string): Promise<TestPage> => {
    let url = new URL(path, origin);
    for (let count = 0; count <= MAX_REDIRECTS; count++) {
      const route = runtime.router.match(url);
      if (route === undefined) throw new Error(`expected a route for ${url.pathname}, found none`);
      const response = await renderPage(runtime, request(url), url, route);
      keepCookies(response.setCookies);
      const { location } = response.headers;
      if (location === undefined) return new TestPage(openerFor(url), url, response, params);
      url = new URL(location, url);
    }
    throw new Error(`${path}: expected at most ${MAX_REDIRECTS} redirects, found more`);
  };

  return {
    cookies,
    deploy(next) {
      runtime = next.runtime;
    },
    async visit(path, visitOptions = {}) {
      const page = await load(path);
      if (visitOptions.connect !== false && page.status === 200) await page.connect();
      return page;
    },
  };
}
