import type { Navigation } from "../lifecycle/navigation.ts";
import type { Flash } from "../session/page-tokens.ts";

/** What a client does with a page that its view sends elsewhere, by the event that carries it. */
export type LeaveResponse =
  | { readonly redirect: { readonly to: string; readonly flash?: string } }
  | {
      readonly live_redirect: {
        readonly to: string;
        readonly flash?: string;
        readonly kind: "push" | "replace";
      };
    };

const historyKind = ({ replace }: Navigation): "push" | "replace" => (replace ? "replace" : "push");

/** The page leaves its view; flash messages go along, signed. */
export function leaveResponse(
  leaving: Navigation,
  flash: Flash,
  signFlash: (flash: Flash) => string,
): LeaveResponse {
  const hasFlash = Object.keys(flash).length > 0;
  const target = { to: leaving.to, ...(hasFlash ? { flash: signFlash(flash) } : {}) };
  return leaving.kind === "redirect"
    ? { redirect: target }
    : { live_redirect: { ...target, kind: historyKind(leaving) } };
}

/** The page stays with its view under another URL. */
export const livePatchPayload = (
  patch: Navigation,
): { readonly to: string; readonly kind: "push" | "replace" } => ({
  to: patch.to,
  kind: historyKind(patch),
});
