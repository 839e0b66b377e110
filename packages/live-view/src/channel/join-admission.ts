import { VIEW_TOPIC_PREFIX, type JoinPayload } from "@live-stash/wire";
import type { Runtime } from "../runtime.ts";
import type { RouteMatch } from "../routing/router.ts";
import { sessionDigest, type Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";

/** What a join that may mount mounts. */
export interface Admission {
  readonly id: string;
  readonly url: URL;
  readonly route: RouteMatch;
  readonly session: Session;
  readonly flash: Flash;
  /** The page came by live navigation, so its title must be set. */
  readonly isNavigation: boolean;
}

export type AdmissionResult =
  | { readonly ok: true; readonly admission: Admission }
  | { readonly ok: false; readonly response: object; readonly isCrashLoop: boolean };

/**
 * A page that was rendered this recently is not told to reload at once: the page it would get is
 * the one it has. It gets an answer that makes the client wait 5 to 10 s instead. A page that goes
 * elsewhere is told at once, whatever its age: it gets another page, whose own joins count.
 */
const FRESH_PAGE_MS = 10_000;

/** Decides whether a join may mount, from its tokens, the socket's session and the routes. */
export function admitJoin(
  runtime: Runtime,
  topic: string,
  payload: JoinPayload,
  session: Session | undefined,
): AdmissionResult {
  const id = topic.slice(VIEW_TOPIC_PREFIX.length);
  const refuse = (reason: "stale" | "unauthorized"): AdmissionResult => ({
    ok: false,
    response: reloadResponse(runtime, payload, reason),
    isCrashLoop: false,
  });

  const page = runtime.tokens.page.verify(payload.session);
  if (session === undefined || !page.ok) return refuse("stale");
  if (page.value.id !== id || page.value.session !== sessionDigest(session.id)) {
    return refuse("stale");
  }

  const location = payload.url ?? payload.redirect;
  if (location === undefined || !URL.canParse(location)) return refuse("unauthorized");
  const url = new URL(location);
  const route = runtime.router.match(url);
  if (route === undefined || route.liveSession.name !== page.value.liveSession) {
    return refuse("unauthorized");
  }
  const isNavigation = payload.url === undefined;
  if (!isNavigation && route.view.name !== page.value.view) return refuse("unauthorized");

  if (runtime.crashGuard.isTripped(route.view.name, session.id)) {
    return { ok: false, response: { reason: "crash_loop" }, isCrashLoop: true };
  }
  const flash = readFlash(runtime, payload, id, isNavigation);
  return { ok: true, admission: { id, url, route, session, flash, isNavigation } };
}

/**
 * `stale` and `unauthorized` make the client load the page anew, at once and without any limit of
 * its own. So they are only said to pages old enough for a new one to differ. Where the URL has a
 * fragment they would do nothing, and a redirect to the same page without it does the same.
 */
function reloadResponse(
  runtime: Runtime,
  payload: JoinPayload,
  reason: "stale" | "unauthorized",
): object {
  const isLeaving =
    payload.url === undefined && payload.redirect !== undefined && payload.mounts === 0;
  const ageMs = runtime.tokens.page.claimedAgeMs(payload.session);
  if (!isLeaving && (ageMs === undefined || Math.abs(ageMs) < FRESH_PAGE_MS)) {
    return { reason: `${reason}_again` };
  }
  const location = payload.url ?? payload.redirect;
  if (location !== undefined && location.includes("#") && URL.canParse(location)) {
    const { pathname, search } = new URL(location);
    const flash = payload.flash === undefined ? {} : { flash: payload.flash };
    return { redirect: { to: `${pathname}${search}`, ...flash } };
  }
  return { reason };
}

/** The dead render's flash counts for its first join only; a redirect's flash for the join it caused. */
function readFlash(
  runtime: Runtime,
  payload: JoinPayload,
  id: string,
  isNavigation: boolean,
): Flash {
  if (payload.flash !== undefined) {
    const flash = runtime.tokens.flash.verify(payload.flash);
    return flash.ok ? flash.value : {};
  }
  if (payload.mounts > 0 || isNavigation) return {};
  const fromPage = runtime.tokens.static.verify(payload.static);
  return fromPage.ok && fromPage.value.id === id ? fromPage.value.flash : {};
}
