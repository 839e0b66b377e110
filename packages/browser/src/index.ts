export { initLiveStash } from "./init-live-stash.ts";
export type { JoinParams, UserParams } from "./init-live-stash.ts";
