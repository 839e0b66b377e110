import { randomBytes } from "node:crypto";
import { parse, serialize } from "cookie";
import { FLASH_COOKIE, RELOAD_STATUS_COOKIE } from "@live-stash/wire";
import { HttpError, statusOfError } from "../lifecycle/http-error.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import { ViewInstance } from "../lifecycle/view-instance.ts";
import type { RouteMatch } from "../routing/router.ts";
import type { Runtime } from "../runtime.ts";
import { cookieHeader } from "../session/cookie-session.ts";
import { type Flash, sessionDigest } from "../session/page-tokens.ts";
import { awaitSession, type RequestHead, SessionTimeout } from "../session/session-source.ts";
import { issueSocketToken, type PageSession } from "../session/socket-session.ts";
import { rawHtml } from "../template/escape-html.ts";
import { printHtml } from "../template/print-html.ts";
import { renderErrorPage } from "./default-documents.ts";

/** An HTTP response that is not written yet. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: string;
}

const HTML_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  // A page contains tokens of one session, so no cache may serve it to another.
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

const deleteCookie = (name: string): string => serialize(name, "", { path: "/", maxAge: 0 });

/** Renders a page over HTTP: mounts the view without a socket, prints it, signs its tokens. */
export async function renderPage(
  runtime: Runtime,
  request: RequestHead,
  url: URL,
  route: RouteMatch,
): Promise<PageResponse> {
  const cookies = parse(cookieHeader(request));
  const setCookies: string[] = [];
  for (const name of [FLASH_COOKIE, RELOAD_STATUS_COOKIE]) {
    if (cookies[name] !== undefined) setCookies.push(deleteCookie(name));
  }
  try {
    const reload = runtime.tokens.reload.verify(cookies[RELOAD_STATUS_COOKIE]);
    if (reload.ok) throw new HttpError(reload.value.status, "This page could not be shown.");
    const session = await findOrStartSession(runtime, request, url, setCookies);
    const flash = runtime.tokens.flash.verify(cookies[FLASH_COOKIE]);
    return await renderView(runtime, url, route, session, flash.ok ? flash.value : {}, setCookies);
  } catch (cause) {
    const isTooSlow = cause instanceof SessionTimeout;
    const status = isTooSlow ? 503 : statusOfError(cause);
    if (status === 500) {
      runtime.logger.error(`live-view: view "${route.view.name}" failed its first render`, cause);
    }
    const message = cause instanceof HttpError && status !== 500 ? cause.message : undefined;
    return { status, headers: HTML_HEADERS, setCookies, body: renderErrorPage(status, message) };
  }
}

async function findOrStartSession(
  runtime: Runtime,
  request: RequestHead,
  url: URL,
  setCookies: string[],
): Promise<PageSession> {
  const found = await awaitSession(runtime.sessions.read(request), runtime.notices);
  if (found !== undefined) return { session: found, isOfPageOnly: false };
  const secure = url.protocol === "https:";
  const started = await awaitSession(
    runtime.sessions.start?.(request, { secure }),
    runtime.notices,
  );
  if (started !== undefined) {
    setCookies.push(started.setCookie);
    return { session: started.session, isOfPageOnly: false };
  }
  return { session: { id: randomBytes(18).toString("base64url") }, isOfPageOnly: true };
}

async function renderView(
  runtime: Runtime,
  url: URL,
  route: RouteMatch,
  pageSession: PageSession,
  flash: Flash,
  setCookies: readonly string[],
): Promise<PageResponse> {
  const { session } = pageSession;
  // 48 bits: the id is part of every frame of the view, and only has to be unique in its page.
  const id = `phx-${randomBytes(6).toString("base64url")}`;
  const instance = new ViewInstance(route.view, route.liveSession.use, {
    id,
    connected: false,
    connectParams: {},
    session,
    url,
    flash,
    post: () => false,
    onChange: () => undefined,
    onRejoin: () => undefined,
    onIdle: () => undefined,
  });
  const { socket } = instance;
  try {
    await instance.mount(route.params);
    let leaving = socket.takeNavigation();
    if (leaving === undefined) {
      await instance.handleParams(route.params, url);
      leaving = socket.takeNavigation();
    }
    await socket.settle();
    if (leaving !== undefined) return redirectResponse(runtime, leaving, socket.flash, setCookies);
    const page = runtime.tokens.page.sign({
      id,
      view: route.view.name,
      liveSession: route.liveSession.name,
      session: sessionDigest(session.id),
    });
    const first = runtime.tokens.static.sign({ id, flash: socket.flash });
    const content = rawHtml(
      `<div id="${id}" data-phx-main data-phx-session="${page}" data-phx-static="${first}">` +
        `${printHtml(instance.render())}</div>`,
    );
    const layout = route.liveSession.rootLayout ?? runtime.rootLayout;
    const document = layout({
      content,
      title: socket.title ?? runtime.defaultTitle,
      csrfToken: issueSocketToken(runtime, pageSession),
      url,
    });
    return {
      status: 200,
      headers: HTML_HEADERS,
      setCookies,
      body: `<!doctype html>${printHtml(document)}`,
    };
  } finally {
    // The instance serves this response only, so its timers and signal end here.
    socket.end();
  }
}

function redirectResponse(
  runtime: Runtime,
  leaving: Navigation,
  flash: Flash,
  setCookies: readonly string[],
): PageResponse {
  const cookies = [...setCookies];
  if (Object.keys(flash).length > 0) {
    // Not HttpOnly, because the client writes this cookie too.
    const cookie = { path: "/", maxAge: 60, sameSite: "lax" } as const;
    cookies.push(serialize(FLASH_COOKIE, runtime.tokens.flash.sign(flash), cookie));
  }
  return {
    status: 302,
    headers: { ...HTML_HEADERS, location: leaving.to },
    setCookies: cookies,
    body: "",
  };
}

/** Answers a method other than GET and HEAD on the path of a page. */
export function methodNotAllowed(): PageResponse {
  return {
    status: 405,
    headers: { ...HTML_HEADERS, allow: "GET, HEAD" },
    setCookies: [],
    body: renderErrorPage(405, "A page is read with GET."),
  };
}
