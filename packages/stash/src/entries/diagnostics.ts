export {
  CHANNELS,
  type ErrorEvent,
  type KeepAliveEvent,
  type OperationEvent,
  type OperationName,
  type PeerLookupEvent,
} from "../channels.ts";
