import { isJsonObject, type JsonObject } from "./record.ts";

/** What the client sends with `phx_join` for a view. Nothing of it is trusted. */
export interface JoinPayload {
  /** The page's URL, from root views that were not reached by live navigation. */
  readonly url: string | undefined;
  /** The page's URL, once the main view was reached by live navigation. */
  readonly redirect: string | undefined;
  readonly params: JsonObject;
  readonly session: string;
  readonly static: string | undefined;
  readonly flash: string | undefined;
  readonly sticky: boolean;
  /** Earlier successful joins of this view object: above 0, the page comes back. */
  readonly mounts: number;
}

const optionalString = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Reads the payload of a view's join; `undefined` if it has not the shape of one. */
export function parseJoinPayload(payload: unknown): JoinPayload | undefined {
  if (!isJsonObject(payload) || typeof payload.session !== "string") return undefined;
  const params = isJsonObject(payload.params) ? payload.params : {};
  const mounts = params._mounts;
  return {
    url: optionalString(payload.url),
    redirect: optionalString(payload.redirect),
    params,
    session: payload.session,
    static: optionalString(payload.static),
    flash: optionalString(payload.flash),
    sticky: payload.sticky === true,
    mounts: typeof mounts === "number" && Number.isSafeInteger(mounts) && mounts > 0 ? mounts : 0,
  };
}
