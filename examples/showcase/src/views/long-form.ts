import { html, liveView, type LiveView, type Socket } from "@live-stash/live-view";
import { liveStash, recoverState, resetStash, stash } from "live-stash";
import {
  blankReport,
  fillIn,
  goBack,
  goOn,
  problemsOf,
  returnTo,
  type LostReport,
} from "../luggage/lost-report.ts";
import { controlEvents } from "../parts/controls.ts";
import { demoPage } from "../parts/demo-page.ts";
import { formScope, luggageForm } from "../parts/luggage-form.ts";
import type { Showcase } from "../showcase.ts";
import { bothSides, changeSide, parseSide, type SideName } from "../sides.ts";
import {
  noteResentForm,
  noteReset,
  noteStash,
  openReport,
  type StashReport,
} from "../stash-report.ts";

interface Assigns {
  kept: LostReport;
  lost: LostReport;
  report: StashReport;
}

/** Creates the page with two forms in five steps: one recovers after a lost connection, one is empty. */
export function longForm(showcase: Showcase): LiveView {
  const { adapter, ttlMs, timeoutMs } = showcase;

  const change = async (
    socket: Socket<Assigns>,
    side: SideName,
    next: (form: LostReport) => LostReport,
  ): Promise<void> => {
    socket.assign(changeSide(socket.assigns, side, next));
    const result = await stash(socket);
    socket.assign({ report: noteStash(showcase, socket.assigns.report, result) });
  };

  return liveView<Assigns>({
    name: "long-form",
    use: [liveStash({ storedKeys: ["kept"], adapter, ttlMs, timeoutMs })],
    async mount(socket) {
      socket.setTitle("Long form");
      socket.assign(bothSides(blankReport()));
      const recovery = await recoverState(socket);
      socket.assign({ report: openReport(showcase, recovery) });
    },
    handleEvent: {
      ...controlEvents(showcase),
      // After a reconnect the client sends this event for each form too: values that were typed without a
      // connection arrive, and so do values that are not stashed. A form that shows recovered values does
      // not undo them.
      async fill_in(socket, value) {
        const { _recovered: recovered } = value;
        if (recovered !== undefined) {
          const report = noteResentForm(showcase, socket.assigns.report, recovered);
          socket.assign({ report });
        }
        await change(socket, parseSide(value.side), (form) => fillIn(form, value));
      },
      async go_on(socket, value) {
        const side = parseSide(value.side);
        await change(socket, side, (form) => goOn(fillIn(form, value)));
        focusStep(socket, side);
      },
      async go_back(socket, value) {
        const side = parseSide(value.side);
        await change(socket, side, goBack);
        focusStep(socket, side);
      },
      async return_to(socket, value) {
        const side = parseSide(value.side);
        await change(socket, side, (form) => returnTo(form, value.step));
        focusStep(socket, side);
      },
      async start_over(socket) {
        socket.assign(bothSides(blankReport()));
        const result = await resetStash(socket);
        socket.assign({ report: noteReset(showcase, socket.assigns.report, result) });
      },
    },
    render: ({ kept, lost, report }) =>
      demoPage(showcase, {
        path: "/form",
        heading: "The suitcase is lost. The form is not",
        lead: html`Fill in a step or two, break the connection, and type on. What you type then the client
        sends when it is back; the steps behind it only a stash brings back.`,
        sides: { kept: luggageForm("kept", kept), lost: luggageForm("lost", lost) },
        report,
      }),
  });
}

/** Moves the focus to the first problem, or to the title of the new step. */
function focusStep(socket: Socket<Assigns>, side: SideName): void {
  const { step, values, isChecked } = socket.assigns[side];
  const [problem] = isChecked ? problemsOf(step, values).keys() : [];
  const id = problem === undefined ? `${side}-step` : `${formScope(side, step)}-${problem}`;
  socket.pushEvent("showcase:focus", { id });
}
