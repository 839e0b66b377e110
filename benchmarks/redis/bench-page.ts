import {
  HELD_PARAM,
  liveStash,
  type StashAdapter,
  type StashHook,
  type StashHost,
} from "live-stash";
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

/** A page that has just been opened. */
export function createPage(id: string): BenchPage {
  const page: BenchPage = {
    id,
    view: { name: "bench" },
    connected: true,
    connectParams: { _mounts: 0 },
    session: { id: "session" },
    assigns: assignsOf(1),
    assign(values) {
      page.assigns = { ...page.assigns, ...values };
    },
    pushEvent(_name, payload) {
      if ("h" in payload) page.connectParams = { _mounts: 1, [HELD_PARAM]: payload.h };
    },
    waitUntil() {},
  };
  return page;
}

/** The state after so many events. Counts have one digit, so that all states are of one size. */
export function assignsOf(count: number): Assigns {
  const digit = 1 + (count % 9);
  return { count: digit, entries: labMap(digit) };
}

export function createHook(adapter: StashAdapter): StashHook<Assigns> {
  return liveStash<Assigns>({
    storedKeys: ["count", "entries"],
    adapter,
    secret: "a secret of the benchmark, not of an application",
  });
}
