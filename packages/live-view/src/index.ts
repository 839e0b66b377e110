export { createLiveServer } from "./server/live-server.ts";
export type { Listening, LiveServer } from "./server/live-server.ts";
export type {
  AttachOptions,
  DrainOptions,
  ListenOptions,
  LiveServerOptions,
} from "./server/server-options.ts";
export type { WebServer } from "./transport/http-traffic.ts";
export type { FetchHandler, HttpHandler, PageHandler } from "./first-render/http-handler.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export type { Logger } from "./logging/logger.ts";
export { NOTICE_CHANNELS, type Notice } from "./logging/notices.ts";
export { LiveViewError, type LiveViewErrorCode } from "./errors.ts";

export { live, liveSession } from "./routing/routes.ts";
export type { LiveRoute, LiveSession, PageContext, RootLayout } from "./routing/routes.ts";

export { liveView } from "./lifecycle/view.ts";
export type { LiveView, RenderContext, ViewDefinition } from "./lifecycle/view.ts";
export { withSchema } from "./lifecycle/event-handler.ts";
export type { EventHandler, EventSchema, RefusedEvent } from "./lifecycle/event-handler.ts";
export { HttpError } from "./lifecycle/http-error.ts";
export type { ExternalTarget } from "./lifecycle/navigation.ts";
export type { HookAnswer, ViewHook } from "./lifecycle/hooks.ts";
export { textParam } from "./lifecycle/socket.ts";
export type {
  CancelTimer,
  EndReason,
  EventValue,
  ParamValue,
  Socket,
  ViewParams,
} from "./lifecycle/socket.ts";

export { html } from "./template/html.ts";
export { rawHtml, type RawHtml } from "./template/escape-html.ts";
export {
  type HtmlValue,
  keyed,
  type List,
  type ListKey,
  type Template,
} from "./template/template.ts";
export { attrs, classes, navigateLink, patchLink } from "./template/attributes.ts";
export type { Attributes, ClassInput, LinkOptions } from "./template/attributes.ts";
export type { AttributeValue } from "./template/print-attribute.ts";
export { js, type JsCommands } from "./template/js-commands.ts";
export type {
  ClassNames,
  JsDispatchOptions,
  JsPushOptions,
  JsShowOptions,
  JsTarget,
  JsTargetOptions,
  JsTimingOptions,
  JsToggleOptions,
  JsTransition,
  JsTransitionOptions,
} from "./template/js-commands.ts";

export { cookieSession } from "./session/cookie-session.ts";
export type {
  CookieSession,
  CookieSessionOptions,
  SessionCookie,
} from "./session/cookie-session.ts";
export type { OriginPolicy } from "./session/origin-policy.ts";
export type { Flash } from "./session/page-tokens.ts";
export type {
  RequestConnection,
  RequestHead,
  Session,
  SessionSource,
} from "./session/session-source.ts";
