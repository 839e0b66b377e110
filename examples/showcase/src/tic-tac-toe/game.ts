import { chooseCell } from "./opponent.ts";
import { winningLine, type Board } from "./board.ts";

/** A match against the server: you are X and begin. */
export interface Game {
  readonly board: Board;
  readonly youWon: number;
  readonly serverWon: number;
}

export type Outcome = "open" | "you" | "server" | "draw";

const EMPTY_BOARD: Board = Array.from({ length: 9 }, () => null);

/** A new match. */
export function newGame(): Game {
  return { board: EMPTY_BOARD, youWon: 0, serverWon: 0 };
}

/** The winner of the round; `undefined` if there is none. */
export function outcomeOf({ board }: Game): Outcome {
  const line = winningLine(board);
  if (line !== undefined) return board[line[0]] === "X" ? "you" : "server";
  return board.includes(null) ? "open" : "draw";
}

/** Puts your X into a cell, and the server's O into another. An impossible move changes nothing. */
export function playCell(game: Game, cell: number): Game {
  if (outcomeOf(game) !== "open" || game.board[cell] !== null) return game;
  const yours = counted({ ...game, board: game.board.with(cell, "X") });
  if (outcomeOf(yours) !== "open") return yours;
  return counted({ ...yours, board: yours.board.with(chooseCell(yours.board), "O") });
}

/** Clears the board and keeps the score. */
export function nextRound(game: Game): Game {
  return { ...game, board: EMPTY_BOARD };
}

function counted(game: Game): Game {
  const outcome = outcomeOf(game);
  if (outcome === "you") return { ...game, youWon: game.youWon + 1 };
  if (outcome === "server") return { ...game, serverWon: game.serverWon + 1 };
  return game;
}
