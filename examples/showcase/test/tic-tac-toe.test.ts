import { describe, expect, test } from "vitest";
import { winningLine, type Board } from "../src/tic-tac-toe/board.ts";
import { newGame, nextRound, outcomeOf, playCell, type Game } from "../src/tic-tac-toe/game.ts";
import { chooseCell } from "../src/tic-tac-toe/opponent.ts";

/** Nine characters, row by row; a dot is an empty cell. */
function boardOf(text: string): Board {
  return Array.from(text, (mark) => (mark === "X" || mark === "O" ? mark : null));
}

function gameOn(text: string): Game {
  return { ...newGame(), board: boardOf(text) };
}

describe("lines", () => {
  test.each([
    ["XXX......", [0, 1, 2]],
    [".O..O..O.", [1, 4, 7]],
    ["X...X...X", [0, 4, 8]],
    ["..O.O.O..", [2, 4, 6]],
  ])("%s is won", (text, line) => {
    expect(winningLine(boardOf(text))).toEqual(line);
  });

  test.each([".........", "XX.OO....", "XOXXOOOXX"])("%s is not", (text) => {
    expect(winningLine(boardOf(text))).toBeUndefined();
  });
});

describe("the server's move", () => {
  test.each([
    ["wins rather than prevents", "OO.XX....", 2],
    ["prevents", "XX..O....", 2],
    ["takes the centre", "X........", 4],
    ["takes a corner where the centre is taken", "....X....", 0],
    ["takes an edge when nothing else is left", "XOXXOOO.X", 7],
  ])("%s", (_what, text, cell) => {
    expect(chooseCell(boardOf(text))).toBe(cell);
  });
});

describe("a game", () => {
  test("puts your X and the server's O", () => {
    expect(playCell(newGame(), 0).board).toEqual(boardOf("X...O...."));
  });

  test("your win ends the round and counts", () => {
    const won = playCell(gameOn("XX.OO...."), 2);

    expect(outcomeOf(won)).toBe("you");
    expect(won).toMatchObject({ youWon: 1, serverWon: 0, board: boardOf("XXXOO....") });
  });

  test("the server's win counts for it", () => {
    const lost = playCell(gameOn("OO..X...."), 8);

    expect(outcomeOf(lost)).toBe("server");
    expect(lost).toMatchObject({ youWon: 0, serverWon: 1 });
  });

  test("a full board without a line is a draw", () => {
    expect(outcomeOf(playCell(gameOn("XOXXOOOX."), 8))).toBe("draw");
  });

  test.each([
    ["a taken cell", gameOn("X...O...."), 0],
    ["a cell that is none", gameOn("X...O...."), 9],
    ["a cell that is no number", gameOn("X...O...."), Number.NaN],
    ["a round that is over", gameOn("XXXOO...."), 8],
  ])("%s changes nothing", (_what, game, cell) => {
    expect(playCell(game, cell)).toBe(game);
  });

  test("the next round keeps the score", () => {
    const won = playCell(gameOn("XX.OO...."), 2);

    expect(nextRound(won)).toEqual({ ...newGame(), youWon: 1 });
  });
});
