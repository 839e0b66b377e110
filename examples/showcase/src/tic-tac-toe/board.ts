export type Mark = "X" | "O";

/** Nine cells, row by row. */
export type Board = readonly (Mark | null)[];

/** Three cells in a row, by index. */
export type Line = readonly [number, number, number];

/** All lines of the board. */
export const LINES: readonly Line[] = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
];

/** Returns the line that one player has filled. */
export function winningLine(board: Board): Line | undefined {
  return LINES.find(([first, second, third]) => {
    const mark = board[first];
    return mark !== null && mark === board[second] && mark === board[third];
  });
}
