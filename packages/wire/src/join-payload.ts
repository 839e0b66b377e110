import { isJsonObject, type JsonObject } from "./record.ts";

/** The payload of `phx_join` for a view. It is untrusted. */
export interface JoinPayload {
  /** The page's URL, sent by root views that were not reached by live navigation. */
  readonly url: string | undefined;
  /** The page's URL, sent once the main view was reached by live navigation. */
  readonly redirect: string | undefined;
  readonly params: JsonObject;
  readonly session: string;
  readonly static: string | undefined;
  readonly flash: string | undefined;
  readonly sticky: boolean;
  /** The number of earlier successful joins of this view object; above 0, the page is reconnecting. */
  readonly mounts: number;
}

const optionalString = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Parses the payload of a view's join; returns `undefined` for any other value. */
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
