import { html, liveView, type LiveView } from "@live-stash/live-view";
import { liveStash, recoverState, resetStash, stash } from "live-stash";
import { gameBoard } from "../parts/game-board.ts";
import { controlEvents } from "../parts/controls.ts";
import { demoPage } from "../parts/demo-page.ts";
import type { Showcase } from "../showcase.ts";
import { bothSides, changeSide, parseSide } from "../sides.ts";
import { noteReset, noteStash, openReport, type StashReport } from "../stash-report.ts";
import { newGame, nextRound, playCell, type Game } from "../tic-tac-toe/game.ts";

interface Assigns {
  kept: Game;
  lost: Game;
  report: StashReport;
}

/** Creates the page with two matches against the server: one recovers after a lost connection, one starts again. */
export function ticTacToe(showcase: Showcase): LiveView {
  const { adapter, ttlMs, timeoutMs } = showcase;
  return liveView<Assigns>({
    name: "tic-tac-toe",
    use: [liveStash({ storedKeys: ["kept"], adapter, ttlMs, timeoutMs })],
    async mount(socket) {
      socket.setTitle("Tic-tac-toe");
      socket.assign(bothSides(newGame()));
      const recovery = await recoverState(socket);
      socket.assign({ report: openReport(showcase, recovery) });
    },
    handleEvent: {
      ...controlEvents(showcase),
      async play(socket, { side, cell }) {
        socket.assign(
          changeSide(socket.assigns, parseSide(side), (game) => playCell(game, Number(cell))),
        );
        const result = await stash(socket);
        socket.assign({ report: noteStash(showcase, socket.assigns.report, result) });
      },
      async next_round(socket, { side }) {
        socket.assign(changeSide(socket.assigns, parseSide(side), nextRound));
        const result = await stash(socket);
        socket.assign({ report: noteStash(showcase, socket.assigns.report, result) });
      },
      async start_over(socket) {
        socket.assign(bothSides(newGame()));
        const result = await resetStash(socket);
        socket.assign({ report: noteReset(showcase, socket.assigns.report, result) });
      },
    },
    render: ({ kept, lost, report }) =>
      demoPage(showcase, {
        path: "/tic-tac-toe",
        heading: "A game you can walk away from",
        lead: html`Play a few moves against the server, which holds the board and the score. Then
        take the connection away.`,
        sides: { kept: gameBoard("kept", kept), lost: gameBoard("lost", lost) },
        report,
      }),
  });
}
