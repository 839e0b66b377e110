import type { Socket, ViewHook } from "@live-stash/live-view";
import { liveStash, type LiveStashOptions, type StashHook } from "live-stash";

const MAX_TTL_MS = 3_600_000;

/** Reads the TTL from the page's query, such as `?ttlMs=60000`. */
function ttlMsOf(url: URL, defaultTtlMs: number): number {
  const asked = Number(url.searchParams.get("ttlMs"));
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_TTL_MS) : defaultTtlMs;
}

/** Creates a hook that uses `liveStash` with the TTL in the page's URL. */
export function pageTtlStash<Assigns extends object>(
  options: LiveStashOptions<Assigns> & { readonly ttlMs: number },
): ViewHook<Assigns> {
  const stashes = new WeakMap<object, StashHook<Assigns>>();
  return {
    name: "page-ttl-stash",
    onMount(socket: Socket<Assigns>) {
      const stash = liveStash<Assigns>({ ...options, ttlMs: ttlMsOf(socket.url, options.ttlMs) });
      stashes.set(socket, stash);
      stash.onMount(socket);
    },
    onTerminate: (socket, reason) => stashes.get(socket)?.onTerminate(socket, reason),
  };
}
