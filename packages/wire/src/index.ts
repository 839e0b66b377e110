export {
  CLEAR_FLASH_EVENT,
  CLOSE_CODE,
  EVENT,
  FLASH_COOKIE,
  HEARTBEAT_TOPIC,
  LIVEVIEW_VERSION,
  PROTOCOL_VERSION,
  RELOAD_STATUS_COOKIE,
  VIEW_TOPIC_PREFIX,
  WEBSOCKET_PATH,
} from "./names.ts";
export { decodeFrame, encodeFrame, encodeReply, MAX_NAME_LENGTH, type Frame } from "./frame.ts";
export { isJsonObject, type JsonObject } from "./record.ts";
export { parseJoinPayload, type JoinPayload } from "./join-payload.ts";
export { parseEventPayload, type EventPayload } from "./event-payload.ts";
export {
  decodeForm,
  FormLimitError,
  MAX_FORM_CONTAINERS,
  MAX_FORM_DEPTH,
  MAX_FORM_FIELDS,
  type FormValue,
} from "./form.ts";
export type {
  WireComponent,
  WireComprehension,
  WireDynamic,
  WireDynamics,
  WireEntries,
  WireEntry,
  WireEvent,
  WireNode,
  WireStatics,
  WireStream,
  WireStreamInsert,
  WireTemplates,
  WireTree,
} from "./tree.ts";
export { createClientTree, type ClientEffects, type ClientTree } from "./client-tree.ts";
