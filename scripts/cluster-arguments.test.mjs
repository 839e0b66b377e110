import { expect, test } from "vitest";
import { parseClusterArguments } from "./cluster-arguments.mjs";

/** @type {[args: string, expected: object][]} */
const good = [
  ["", { adapter: "memory", port: 8080, nodePorts: undefined }],
  ["-- --adapter redis", { adapter: "redis", port: 8080, nodePorts: undefined }],
  ["--port=9000 --nodes 4001,4002", { adapter: "memory", port: 9000, nodePorts: [4001, 4002] }],
];

test.each(good)("npm run cluster -- %s", (args, expected) => {
  expect(parseClusterArguments(args.split(" ").filter(Boolean), {})).toEqual(expected);
});

test("PORT is the default of --port", () => {
  expect(parseClusterArguments([], { PORT: "9000" })).toMatchObject({ port: 9000 });
  for (const empty of ["", " "]) {
    expect(parseClusterArguments([], { PORT: empty })).toMatchObject({ port: 8080 });
  }
  expect(parseClusterArguments(["--port", "1"], { PORT: "9000" })).toMatchObject({ port: 1 });
});

test("asked for help, it says nothing else", () => {
  expect(parseClusterArguments(["--help", "--adapter", "none"], {})).toBe("help");
});

/** @type {[args: string, problem: RegExp][]} */
const bad = [
  ["--adapter ets", /--adapter: expected one of memory.*, found ets/],
  ["--adapter", /--adapter/],
  ["redis", /redis/],
  ["--fast", /--fast/],
  ["--port 0", /1 to 65535, found 0/],
  ["--port http", /1 to 65535, found http/],
  ["--nodes 1,x", /1 to 65535, found 8080 1,x/],
  ["--nodes 4001", /two ports/],
  ["--nodes 4001,4002,4003", /two ports/],
  ["--nodes 8080,4002", /differ/],
];

test.each(bad)("%s is refused, with what was expected", (args, problem) => {
  const parsed = parseClusterArguments(args.split(" "), {});
  expect(parsed !== "help" && "problem" in parsed && parsed.problem).toMatch(problem);
});
