import { VIEW_TOPIC_PREFIX, type JoinPayload } from "@live-stash/wire";
import type { Notice } from "../logging/notices.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteMatch } from "../routing/router.ts";
import { sessionDigest, type Flash } from "../session/page-tokens.ts";
import type { Session } from "../session/session-source.ts";
import type { TokenFailure } from "../session/signer.ts";
import { pageUrl } from "./page-navigation.ts";

/** The view that an admitted join mounts, and what the view is mounted with. */
export interface Admission {
  readonly id: string;
  readonly url: URL;
  readonly route: RouteMatch;
  readonly session: Session;
  readonly flash: Flash;
  /** Whether the page came by live navigation, so that its title must be set. */
  readonly isNavigation: boolean;
}

export type AdmissionResult =
  | { readonly ok: true; readonly admission: Admission }
  | { readonly ok: false; readonly response: object; readonly isCrashLoop: boolean };

/**
 * Age below which a page is not reloaded at once, in ms: it would get the same page again, and reload in a
 * loop. Its answer makes the client wait 5 to 10 s instead. A page that navigates elsewhere is reloaded
 * at once, because it gets another page.
 */
const FRESH_PAGE_MS = 10_000;

/**
 * Decides whether a join may mount a view: checks its tokens, the socket's session, the route of its URL,
 * and crashes of the view. `origin` is the one that the socket was opened at.
 */
export function admitJoin(
  runtime: Runtime,
  topic: string,
  payload: JoinPayload,
  session: Session | undefined,
  origin: string,
): AdmissionResult {
  const id = topic.slice(VIEW_TOPIC_PREFIX.length);
  const refuse = (reason: "stale" | "unauthorized", notice?: Notice): AdmissionResult => {
    if (notice !== undefined) runtime.notices.note(notice);
    return { ok: false, response: reloadResponse(runtime, payload, reason), isCrashLoop: false };
  };

  const page = runtime.tokens.page.verify(payload.session);
  if (!page.ok) return refuse("stale", badPageToken(page.reason));
  // The notice of the upgrade has the reason.
  if (session === undefined) return refuse("stale");
  if (page.value.id !== id || page.value.session !== sessionDigest(session.id)) {
    return refuse("stale", FOREIGN_PAGE);
  }

  const url = pageUrl(payload.url ?? payload.redirect, origin);
  const isNavigation = payload.url === undefined;
  if (url === undefined) {
    return refuse("unauthorized", wrongUrl("an invalid URL", "Use the official client."));
  }
  const route = runtime.router.match(url);
  const isElsewhere = route === undefined || route.liveSession.name !== page.value.liveSession;
  if (isElsewhere && isNavigation) return refuse("unauthorized", LEAVING);
  if (isElsewhere || (!isNavigation && route.view.name !== page.value.view)) {
    return refuse(
      "unauthorized",
      wrongUrl(`the path ${JSON.stringify(url.pathname)}`, PREFIX_ADVICE),
    );
  }

  if (runtime.crashGuard.isTripped(route.view.name, session.id)) {
    runtime.notices.note(crashLoop(route.view.name, runtime.limits.maxCrashesPerMinute));
    return { ok: false, response: { reason: "crash_loop" }, isCrashLoop: true };
  }
  const flash = readFlash(runtime, payload, id, isNavigation);
  return { ok: true, admission: { id, url, route, session, flash, isNavigation } };
}

const JOIN_REFUSED = "a join was refused";

const badPageToken = (reason: TokenFailure): Notice => ({
  kind: "refused",
  reason: `page_token_${reason}`,
  message: `${JOIN_REFUSED}, and its page will be reloaded`,
  expected: "a page token that a secret of this server has signed within 14 days",
  found: `one that is ${reason}`,
  advice:
    "Use the same LIVE_VIEW_SECRET on all nodes and releases; to replace it, list the old one second.",
});

const FOREIGN_PAGE: Notice = {
  kind: "refused",
  reason: "foreign_page",
  message: `${JOIN_REFUSED}, and its page will be reloaded`,
  expected: "a page of the socket's session",
  found: "one of another session",
  advice: "This is normal after a login or logout in another tab.",
};

const PREFIX_ADVICE =
  "Behind a proxy that adds or strips a path prefix, routes must have the path that the browser shows.";

const wrongUrl = (found: string, advice: string): Notice => ({
  kind: "refused",
  reason: "page_url",
  message: JOIN_REFUSED,
  expected: "the URL of a page of the view that was rendered there",
  found,
  advice,
});

const LEAVING: Notice = {
  kind: "refused",
  reason: "left_live_session",
  message: JOIN_REFUSED,
  expected: "a path of the page's own live session",
  found: "another one",
  advice: "The client loads that page, so that the hooks of its live session run.",
  isRoutine: true,
};

const crashLoop = (view: string, maxCrashesPerMinute: number): Notice => ({
  kind: "refused",
  reason: "crash_loop",
  message: `${JOIN_REFUSED} for a while`,
  expected: `at most ${maxCrashesPerMinute} crashes of a view in a session within a minute`,
  found: `more, of the view "${view}"`,
  advice: "The log has each of these crashes. The limit is limits.maxCrashesPerMinute.",
});

/**
 * Creates the response that makes the client reload its page. `stale` and `unauthorized` do so at once
 * and without any limit, so only pages that are old enough get them. If the URL has a fragment the client
 * would only scroll, so it is redirected to the same URL without the fragment.
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

/** Reads the flash of a join: that of the redirect which caused it, or that of the page at its first join. */
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
