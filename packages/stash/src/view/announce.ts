import { randomBytes } from "../crypto/keys.ts";
import type { MintedToken } from "../token/token.ts";
import { heldScope, presentedBy, pushHold, SETTLED, type StashedView } from "./stashed-view.ts";

const ID_BYTES = 16;
export const NO_ADAPTER_DATA = new Uint8Array(0);

/** Makes up the name of a stash: 128 random bits. */
export function newStashId(): string {
  return randomBytes(ID_BYTES).toString("base64url");
}

/**
 * Settles that this view begins with no stash, and has the browser hold the token of the one that its
 * first save will create. If the answer to that save is lost on its way, the page can still ask for
 * the state. A state token carries the state itself, so there is none before the first save: then the
 * browser only drops what it presented.
 */
export function beginAnew(view: StashedView): void {
  view.recovery = SETTLED;
  const isOver = view.isSuperseded || view.end !== undefined;
  if (isOver || view.hold !== undefined || view.announced !== undefined) return;
  const { tokenForm } = view.settings;
  if (tokenForm.carriesState) {
    if (presentedBy(view) !== undefined) pushHold(view, null);
    return;
  }
  const id = newStashId();
  let minted: MintedToken;
  try {
    minted = tokenForm.mint(heldScope(view), { id, adapterData: NO_ADAPTER_DATA }, Infinity);
  } catch {
    // A session without the value that binds its stashes: the first stash() answers with that error.
    return;
  }
  view.announced = { id, tokenId: minted.tokenId };
  view.isPresentedDropped = true;
  pushHold(view, minted.token);
}
