import { liveView, type LiveView } from "@live-stash/live-view";
import { liveStash, recoverState, resetStash, stash } from "live-stash";
import { controlEvents } from "../parts/controls.ts";
import { storeAwayPage, type Search, type Way } from "../parts/store-away-page.ts";
import { OUTAGES_MS } from "../parts/store-card.ts";
import type { Showcase } from "../showcase.ts";
import {
  noteRecovery,
  noteReset,
  noteStash,
  openReport,
  type StashReport,
} from "../stash-report.ts";
import type { Outage } from "../store-outage.ts";

interface Assigns {
  kept: number;
  search: Search;
  outage: Outage | undefined;
  report: StashReport;
}

const NO_SEARCH: Search = { status: "none" };

/** Creates the page of a counter during an outage: it waits (`rejoin`), or continues without its state. */
export function storeAway(showcase: Showcase, way: Way): LiveView {
  const { outage: store, ttlMs, timeoutMs, recoverWithinMs } = showcase;
  return liveView<Assigns, "store_changed">({
    name: `store-away-${way}`,
    use: [
      liveStash<Assigns>({
        storedKeys: ["kept"],
        adapter: store.adapter,
        ttlMs,
        timeoutMs,
        recoverWithinMs,
        whenUnavailable: way,
        onLateRecovery(socket, result) {
          const report = noteRecovery(showcase, socket.assigns.report, result);
          socket.assign({ search: result, report });
        },
      }),
    ],
    async mount(socket) {
      socket.setTitle("When the store is away");
      if (socket.connected) store.onChange(() => socket.send("store_changed"), socket.signal);
      socket.assign({ kept: 0, outage: store.current });
      const recovery = await recoverState(socket);
      socket.assign({
        search: recovery.status === "pending" ? { status: "pending" } : NO_SEARCH,
        outage: store.current,
        report: openReport(showcase, recovery),
      });
    },
    handleInfo(socket) {
      socket.assign({ outage: store.current });
    },
    handleEvent: {
      ...controlEvents(showcase),
      async add(socket, { amount }) {
        const { kept, search } = socket.assigns;
        socket.assign({ kept: kept + (amount === "-1" ? -1 : 1) });
        if (search.status === "recovered") socket.assign({ search: NO_SEARCH });
        const result = await stash(socket);
        socket.assign({ report: noteStash(showcase, socket.assigns.report, result) });
      },
      take_away(socket, { ms }) {
        const durationMs = OUTAGES_MS.find((offered) => String(offered) === ms);
        if (durationMs === undefined) return;
        store.begin(durationMs);
        socket.assign({ outage: store.current });
        socket.pushEvent("showcase:focus", { id: "reconnect" });
      },
      bring_back(socket) {
        store.end();
        socket.assign({ outage: store.current });
        socket.pushEvent("showcase:focus", { id: `away-${OUTAGES_MS[0]}` });
      },
      take: (socket) =>
        recoverState(socket).then((recovery) => {
          const report = noteRecovery(showcase, socket.assigns.report, recovery);
          socket.assign({ search: NO_SEARCH, report });
        }),
      // The page's current state replaces the deleted one.
      async delete(socket) {
        const reset = await resetStash(socket);
        socket.assign({ report: noteReset(showcase, socket.assigns.report, reset) });
        if (reset.status === "error") return;
        const result = await stash(socket);
        const report = noteStash(showcase, socket.assigns.report, result);
        socket.assign({ search: NO_SEARCH, report });
      },
      async start_over(socket) {
        socket.assign({ kept: 0, search: NO_SEARCH });
        const result = await resetStash(socket);
        socket.assign({ report: noteReset(showcase, socket.assigns.report, result) });
      },
    },
    render: ({ kept, search, outage, report }) =>
      storeAwayPage(showcase, { way, count: kept, search, outage, report }),
  });
}
