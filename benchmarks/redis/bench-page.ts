import { liveStash, type StashHook } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { TOKEN_PARAM, type StashHost } from "live-stash/host";
import { labMap } from "../lab-map.ts";

interface Assigns {
  readonly count: number;
  readonly entries: Record<string, string>;
}

/** A page of the performance lab, without a browser. */
export interface BenchPage extends StashHost {
  assigns: Assigns;
  connectParams: Record<string, unknown>;
}

/** Creates a page that was just opened. */
export function createPage(id: string): BenchPage {
  const page: BenchPage = {
    id,
    view: { name: "bench" },
    connected: true,
    connectParams: { _mounts: 0 },
    session: { id: "session" },
    assigns: FIRST_STATE,
    assign(values) {
      page.assigns = { ...page.assigns, ...values };
    },
    pushEvent(_name, payload) {
      if ("h" in payload) page.connectParams = { _mounts: 1, [TOKEN_PARAM]: payload.h };
    },
    waitUntil() {},
  };
  return page;
}

/** Created in advance, because this takes as long as stashing. Counts of one digit keep the size constant. */
const STATES: readonly Assigns[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => ({
  count,
  entries: labMap(count),
}));
const [FIRST_STATE = { count: 0, entries: {} }] = STATES;

/** Returns a state that differs from the previous one. */
export function stateAfter({ count }: Assigns): Assigns {
  return STATES[count % STATES.length] ?? FIRST_STATE;
}

export function createHook(adapter: StashAdapter): StashHook<Assigns> {
  return liveStash<Assigns>({
    storedKeys: ["count", "entries"],
    adapter,
    secret: "a secret of the benchmark, not of an application",
  });
}
