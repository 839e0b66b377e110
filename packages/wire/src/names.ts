/** The version of the npm package `phoenix_live_view` that this runtime supports. */
export const LIVEVIEW_VERSION = "1.2.12";

/** The value of `vsn` in the connect URL: version 2 of Phoenix's framing, with arrays of five. */
export const PROTOCOL_VERSION = "2.0.0";

/** The path that `new LiveSocket("/live", …)` connects to. */
export const WEBSOCKET_PATH = "/live/websocket";

/** Topic of heartbeats. */
export const HEARTBEAT_TOPIC = "phoenix";

/** Topics of views start with this, followed by the id of the container element. */
export const VIEW_TOPIC_PREFIX = "lv:";

/** Event names that either side may send. */
export const EVENT = {
  join: "phx_join",
  leave: "phx_leave",
  reply: "phx_reply",
  error: "phx_error",
  close: "phx_close",
  heartbeat: "heartbeat",
  event: "event",
  diff: "diff",
  livePatch: "live_patch",
  liveRedirect: "live_redirect",
  redirect: "redirect",
  cidsWillDestroy: "cids_will_destroy",
  cidsDestroyed: "cids_destroyed",
} as const;

/** The event with which the client clears flash messages; the view does not handle it. */
export const CLEAR_FLASH_EVENT = "lv:clear-flash";

/** Cookie in which the client carries a flash token over a full page load. */
export const FLASH_COOKIE = "__phoenix_flash__";

/** Cookie in which the client carries the status of a join refused with `reload`. */
export const RELOAD_STATUS_COOKIE = "__phoenix_reload_status__";

/**
 * Codes with which a server closes a socket. The client reconnects after each of them; it reloads
 * the page only after 1000, which is therefore not here.
 */
export const CLOSE_CODE = {
  /** Nothing was received for longer than the idle timeout. */
  goingAway: 1001,
  /** A frame of an unsupported kind. */
  unsupportedData: 1003,
  /** A frame that is not a Phoenix frame. */
  invalidFrame: 1007,
  /** A limit was exceeded. */
  policyViolation: 1008,
  /** A frame larger than the limit. */
  messageTooBig: 1009,
  /** An unexpected failure. */
  internalError: 1011,
  /** The server drains: the client should reconnect at once, to another node. */
  serviceRestart: 1012,
  /** The client does not read what the server sends. */
  tryAgainLater: 1013,
} as const;
