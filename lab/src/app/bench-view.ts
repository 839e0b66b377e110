import { html, liveView, type LiveView, type Socket, type Template } from "@live-stash/live-view";
import type { AdapterName } from "../result.ts";
import { buildEntries, PROBE_KEY } from "./entries.ts";
import type { FaultInjection } from "./fault.ts";
import type { BenchAssigns, Stashing } from "./stashing.ts";

/**
 * Creates the page that the study's users visit, at `/bench/<name>`. All adapters and the baseline
 * share this view; only the stash differs.
 */
export function benchView(
  name: AdapterName,
  stashing: Stashing | undefined,
  injection: FaultInjection,
): LiveView {
  const recover = async (socket: Socket<BenchAssigns>): Promise<string> => {
    if (stashing === undefined) return "new";
    const status = await stashing.recover(socket);
    if (status === "recovered") socket.assign({ count: injection.distort(socket.assigns.count) });
    return status;
  };
  return liveView<BenchAssigns>({
    name: `bench-${name}`,
    use: stashing?.use ?? [],
    async mount(socket) {
      socket.assign({ status: "new", count: 0, entries: buildEntries(0) });
      if (!socket.connected) return;
      await injection.delay();
      injection.leak();
      socket.assign({ status: await recover(socket) });
    },
    handleEvent: {
      async stash(socket) {
        await injection.delay();
        const count = socket.assigns.count + 1;
        socket.assign({ count, entries: buildEntries(count) });
        await stashing?.stash(socket);
      },
    },
    render: ({ status, count, entries }) => page(status, count, entries),
  });
}

/**
 * Renders about 2 KB of HTML. Other load generators parse the card's tag: keep its attributes on one
 * line and in this order.
 */
function page(status: string, count: number, entries: BenchAssigns["entries"]): Template {
  const size = Object.keys(entries).length;
  const probe = entries[PROBE_KEY] ?? "";
  return html`<main>
      <h1>Trip planner</h1>
      <section id="card" data-status="${status}" data-count="${count}" data-size="${size}" data-probe="${probe}">
        <h2>Your plan</h2>
        <p>
          You have changed your plan <output>${count}</output> times. It is kept while you are away,
          and it is here again when you come back: on the train through the tunnel, in the lift, or
          when the telephone was locked in your pocket for a while.
        </p>
        <dl>
          <dt>First entry</dt>
          <dd>${entries.item_0000 ?? ""}</dd>
          <dt>An entry between</dt>
          <dd>${entries.item_0020 ?? ""}</dd>
          <dt>Last entry</dt>
          <dd>${entries.item_0127 ?? ""}</dd>
        </dl>
        <button type="button" phx-click="stash">Change the plan</button>
      </section>
      <p>
        This page stands for any page with some state and some text around it. The text never
        changes, so it travels once for each visit and again whenever the page has to be built anew,
        which is what makes a reconnect dearer than an event. A page of an ordinary application has
        a heading, a navigation, a few paragraphs such as this one, a form or a table, and a line at
        the bottom that nobody reads. All that is about two kilobytes of HTML here, which is little
        for an application, and enough for the bytes on the wire to be of a size that one meets. What
        is kept of it is the number of changes and the map of entries, which takes about five
        kilobytes as JSON. Three of its entries are shown, one more can be read by programs, and all
        of them are built anew with each change, as an application would do that loads its plan from
        somewhere.
      </p>
      <footer>
        <p>
          Made for measuring: nobody travels anywhere. Whoever wants to measure with tools of their
          own finds all that has to be checked in the attributes of the card above, and the event that
          changes the plan on its button.
        </p>
      </footer>
    </main>`;
}
