import { classes, html, type Template } from "@live-stash/live-view";
import type { SideName } from "../sides.ts";
import { winningLine, type Line } from "../tic-tac-toe/board.ts";
import { outcomeOf, type Game, type Outcome } from "../tic-tac-toe/game.ts";

const ROWS = ["Top", "Middle", "Bottom"];
const COLUMNS = ["left", "centre", "right"];

const OUTCOMES: Record<Outcome, string> = {
  open: "Your turn: you are X.",
  you: "You won.",
  server: "The server won.",
  draw: "A draw.",
};

/** The board of one side, with the line that won. */
export function gameBoard(side: SideName, game: Game): Template {
  const outcome = outcomeOf(game);
  const line = winningLine(game.board);
  return html`<div class="game">
    <p class="game-state">
      <span data-outcome="${outcome}">${OUTCOMES[outcome]}</span>
      <span class="score">You ${game.youWon} : ${game.serverWon} Server</span>
    </p>
    <div class="board" role="group" aria-label="Board">
      ${game.board.map((mark, cell) => {
        const place = `${ROWS[Math.floor(cell / 3)] ?? ""} ${COLUMNS[cell % 3] ?? ""}`;
        return html`<button
          type="button"
          class="${classes("cell", mark, line?.includes(cell) && "is-winning")}"
          phx-click="play"
          phx-value-side="${side}"
          phx-value-cell="${cell}"
          aria-disabled="${mark !== null || outcome !== "open"}"
          aria-label="${place}, ${mark ?? "empty"}"
        >
          <span aria-hidden="true">${mark}</span>
        </button>`;
      })}
      ${line !== undefined && strike(line)}
    </div>
    <button type="button" class="button" phx-click="next_round" phx-value-side="${side}">
      Next round
    </button>
  </div>`;
}

/** The line through the three cells, from edge to edge. */
function strike([first, , last]: Line): Template {
  const [x1, y1] = centre(first);
  const [x2, y2] = centre(last);
  const [dx, dy] = [(x2 - x1) * 0.16, (y2 - y1) * 0.16];
  return html`<svg class="strike" viewBox="0 0 3 3" aria-hidden="true">
    <line x1="${x1 - dx}" y1="${y1 - dy}" x2="${x2 + dx}" y2="${y2 + dy}" />
  </svg>`;
}

const centre = (cell: number): [number, number] => [(cell % 3) + 0.5, Math.floor(cell / 3) + 0.5];
