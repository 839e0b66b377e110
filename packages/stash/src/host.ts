export {
  HELD_PARAM,
  HOLD_EVENT,
  type HoldEvent,
  type HostEndReason,
  type StashHost,
} from "./stash-host.ts";
export { PAGE_PARAM } from "./store/owner.ts";
