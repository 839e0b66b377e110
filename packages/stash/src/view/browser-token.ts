import { randomBytes } from "../crypto/keys.ts";
import { TOKEN_PARAM, TOKEN_EVENT, type TokenEvent } from "../stash-host.ts";
import type { MintedToken, OpenedToken } from "../token/token.ts";
import { scopeOf, SETTLED, type StashedView } from "./stashed-view.ts";

/** 128 bits, so that ids drawn at random never collide. */
const ID_BYTES = 16;
export const NO_ADAPTER_DATA = new Uint8Array(0);

/** Generates the id of a stash. */
export function newStashId(): string {
  return randomBytes(ID_BYTES).toString("base64url");
}

/** The untrusted value that the browser presented as its token, unless it was sent another one since. */
export function presentedToken({ host, isPresentedDropped }: StashedView): unknown {
  return isPresentedDropped ? undefined : (host.connectParams[TOKEN_PARAM] ?? undefined);
}

/** Whether the page was just loaded: the client counts the mounts of a view's element. */
export function isFreshPage({ host }: StashedView): boolean {
  const mounts = host.connectParams["_mounts"];
  return !(typeof mounts === "number" && mounts > 0);
}

/**
 * Whether the view may recover a state: if its page was connected before, or was reloaded (not reached by
 * navigation) and the option `recoverAfterReload` is set.
 */
export function mayRecover(view: StashedView): boolean {
  if (!isFreshPage(view)) return true;
  const { host, settings } = view;
  return settings.recoverAfterReload && host.connectParams["_live_referer"] === undefined;
}

/** Opens a presented token, without I/O. Throws `invalid_option` if the session lacks its value. */
export function openPresented(view: StashedView, presented: unknown): OpenedToken {
  const { settings, ownedStash } = view;
  const isOwned =
    ownedStash !== undefined && ownedStash.tokenId === settings.tokenForm.tokenIdOf(presented);
  // The expiry of a token that this view owns has been extended since the join.
  const nowMs = isOwned ? undefined : settings.clock.now();
  return settings.tokenForm.open(scopeOf(view), presented, nowMs);
}

/**
 * Whether the browser presented a genuine token and the store has not answered for its stash. While that
 * is so, nothing may take the token's place.
 */
export function awaitsRecovery(view: StashedView): boolean {
  switch (view.recovery.status) {
    case "settled":
      return false;
    case "pending":
    case "kept_aside":
      return true;
    case "not_started": {
      const isAwaited = hasGenuineToken(view);
      if (!isAwaited) view.recovery = SETTLED;
      return isAwaited;
    }
  }
}

function hasGenuineToken(view: StashedView): boolean {
  const presented = presentedToken(view);
  if (presented === undefined || !mayRecover(view)) return false;
  try {
    return openPresented(view, presented).status === "valid";
  } catch {
    // Without the session's value nothing can be recovered, nor saved.
    return false;
  }
}

/**
 * Starts the view without a stash, and sends the browser the token of the stash that the first save will
 * create: if the answer to that save is lost, the page can still ask for the state. A state token contains
 * the state, so there is none before the first save: the browser then only drops the presented one.
 */
export function startWithoutStash(view: StashedView): void {
  view.recovery = SETTLED;
  const isOver = view.isSuperseded || view.end !== undefined;
  if (isOver || view.ownedStash !== undefined || view.announced !== undefined) return;
  const { tokenForm } = view.settings;
  if (tokenForm.carriesState) {
    if (presentedToken(view) !== undefined) sendToken(view, null);
    return;
  }
  const id = newStashId();
  let minted: MintedToken;
  try {
    minted = tokenForm.mint(scopeOf(view), { id, adapterData: NO_ADAPTER_DATA }, Infinity);
  } catch {
    // The session lacks the value to bind to. The first stash() returns that error.
    return;
  }
  view.announced = { id, tokenId: minted.tokenId };
  view.isPresentedDropped = true;
  sendToken(view, minted.token);
}

/** Sends the browser the token to present from now on, `null` for none. */
export function sendToken(view: StashedView, token: string | null): void {
  const { host, settings } = view;
  if (token === null) {
    view.isPresentedDropped = true;
    send(view, { v: host.id, h: null });
  } else send(view, { v: host.id, h: token, ...(settings.recoverAfterReload ? { s: 1 } : {}) });
}

/** Sends the browser a new expiry for its token. */
export function sendTokenExpiry(view: StashedView, expiry: string): void {
  send(view, { v: view.host.id, r: expiry });
}

function send({ host, end }: StashedView, event: TokenEvent): void {
  if (end === undefined) host.pushEvent(TOKEN_EVENT, event);
}
