import { html, liveView, type LiveView } from "@live-stash/live-view";
import { liveStash, recoverState, resetStash, stash } from "live-stash";
import { controlEvents } from "../parts/controls.ts";
import { counterFace } from "../parts/counter-face.ts";
import { demoPage } from "../parts/demo-page.ts";
import type { Showcase } from "../showcase.ts";
import { bothSides, changeSide, parseSide } from "../sides.ts";
import { noteReset, noteStash, openReport, type StashReport } from "../stash-report.ts";

interface Assigns {
  kept: number;
  lost: number;
  report: StashReport;
}

/** Creates the page with two counters: one recovers after a lost connection, one starts again. */
export function counter(showcase: Showcase): LiveView {
  const { adapter, ttlMs, timeoutMs } = showcase;
  return liveView<Assigns>({
    name: "counter",
    use: [liveStash({ storedKeys: ["kept"], adapter, ttlMs, timeoutMs })],
    async mount(socket) {
      socket.setTitle("Counter");
      socket.assign(bothSides(0));
      const recovery = await recoverState(socket);
      socket.assign({ report: openReport(showcase, recovery) });
    },
    handleEvent: {
      ...controlEvents(showcase),
      async add(socket, { side, amount }) {
        const step = amount === "-1" ? -1 : 1;
        socket.assign(changeSide(socket.assigns, parseSide(side), (count) => count + step));
        const result = await stash(socket);
        socket.assign({ report: noteStash(showcase, socket.assigns.report, result) });
      },
      async start_over(socket) {
        socket.assign(bothSides(0));
        const result = await resetStash(socket);
        socket.assign({ report: noteReset(showcase, socket.assigns.report, result) });
      },
    },
    render: ({ kept, lost, report }) =>
      demoPage(showcase, {
        path: "/",
        heading: "Count a little, then pull the plug",
        lead: html`Both sides count together. Lose the connection, and only one remembers.`,
        sides: { kept: counterFace("kept", kept), lost: counterFace("lost", lost) },
        report,
      }),
  });
}
