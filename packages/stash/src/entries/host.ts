export {
  TOKEN_PARAM,
  TOKEN_EVENT,
  type TokenEvent,
  type HostEndReason,
  type StashHost,
} from "../stash-host.ts";
export { PAGE_PARAM } from "../store/owner.ts";
