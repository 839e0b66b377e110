import { LINES, type Board, type Mark } from "./board.ts";

/** Centre, corners, edges. */
const FAVOURITES = [4, 0, 2, 6, 8, 1, 3, 5, 7];

/**
 * Chooses the server's cell: it wins if it can, and prevents your win if it must. It does not look further
 * ahead, so that it can be beaten. The board must have an empty cell.
 */
export function chooseCell(board: Board): number {
  const cell =
    completingCell(board, "O") ??
    completingCell(board, "X") ??
    FAVOURITES.find((each) => board[each] === null);
  if (cell === undefined) throw new Error("chooseCell: expected an empty cell, got a full board.");
  return cell;
}

function completingCell(board: Board, mark: Mark): number | undefined {
  for (const line of LINES) {
    const empty = line.filter((cell) => board[cell] === null);
    const own = line.filter((cell) => board[cell] === mark);
    if (own.length === 2 && empty.length === 1) return empty[0];
  }
  return undefined;
}
