import { expect, test } from "vitest";
import { type LabCommand, parseLabArguments } from "./lab-arguments.ts";

const parse = (line: string): LabCommand =>
  parseLabArguments(line.split(" ").filter((word) => word !== ""));

test("without arguments the lab runs the small scale with all adapters, the baseline first", () => {
  expect(parse("")).toEqual({
    kind: "run",
    adapters: ["baseline", "memory", "browser", "redis", "nats"],
    scenario: {
      preset: "small",
      users: 500,
      ttlMs: 10_000,
      durationMs: 30_000,
      rampUpMs: 7_500,
      rampDownMs: 7_500,
      lateShare: 0.1,
      seed: 1,
      workers: 1,
    },
    isByHand: false,
    fault: undefined,
    profileFolder: undefined,
    withPrometheus: true,
    out: undefined,
  });
});

test("the lab starts a thread for each 2,500 users unless --workers is given", () => {
  expect(parse("--users 2500")).toMatchObject({ scenario: { workers: 1 } });
  expect(parse("--scale 5000x1m")).toMatchObject({ scenario: { workers: 2 } });
  expect(parse("--scale 5000x1m --workers 1")).toMatchObject({ scenario: { workers: 1 } });
});

test("--by-hand runs the control", () => {
  expect(parse("--by-hand --scale 5000x1m")).toMatchObject({ kind: "run", isByHand: true });
  expect(parse("serve --adapter redis --by-hand")).toMatchObject({ kind: "serve", isByHand: true });
});

test("the scales of the study are presets", () => {
  expect(parse("--scale 25000x15m")).toMatchObject({
    scenario: {
      preset: "25000x15m",
      users: 25_000,
      ttlMs: 900_000,
      durationMs: 2_700_000,
      rampUpMs: 675_000,
    },
  });
  expect(parse("--scale 1000x1m")).toMatchObject({
    scenario: { users: 1_000, durationMs: 180_000, rampUpMs: 45_000 },
  });
});

test("an option that changes a scale makes it custom", () => {
  expect(
    parse("--users 50 --ttl 4s --duration 9s --ramp 2s --adapter redis,baseline --seed 7 --late 0"),
  ).toMatchObject({
    adapters: ["baseline", "redis"],
    scenario: {
      preset: "custom",
      users: 50,
      ttlMs: 4_000,
      durationMs: 9_000,
      rampUpMs: 2_000,
      rampDownMs: 2_000,
      lateShare: 0,
      seed: 7,
    },
  });
});

test("serve, compare and gates are parsed with their arguments", () => {
  expect(parse("serve --adapter redis --port 4180")).toEqual({
    kind: "serve",
    adapter: "redis",
    isByHand: false,
    port: 4_180,
    ttlMs: 60_000,
  });
  expect(parse("compare a/A.json b/B.json")).toEqual({
    kind: "compare",
    files: ["a/A.json", "b/B.json"],
    out: undefined,
  });
  expect(parse("compare A.json B.json --out c")).toMatchObject({ out: "c" });
  expect(parse("gates result.json")).toEqual({ kind: "gates", file: "result.json" });
  expect(parse("gates result.json by-hand.json")).toEqual({
    kind: "gates",
    file: "result.json",
    controlFile: "by-hand.json",
  });
  expect(parse("--help")).toEqual({ kind: "help" });
});

test.each([
  ["--scale huge", /--scale: expected one of small, .*got "huge"/],
  ["--adapter ets", /--adapter: expected some of baseline,.*got "ets"/],
  ["--users 0", /--users: expected a whole number of at least 1, got "0"/],
  ["--ttl 20", /--ttl: expected a time such as 500ms/],
  ["--duration 10s --ramp 5s", /--ramp: expected less than half of the duration/],
  ["--late 2", /--late: expected a share from 0 to 1/],
  ["--fault loud", /--fault: expected one of slow, wrong, leak, got "loud"/],
  ["--colour", /Unknown option '--colour'/],
  ["run", /got "run"/],
  ["serve", /serve: expected --adapter/],
  ["gates", /gates: expected one or two files/],
  ["compare A.json", /compare: expected two files/],
])("%s is refused with what would be right", (line, problem) => {
  const command = parse(line);
  expect(command.kind === "problem" ? command.problem : command.kind).toMatch(problem);
});
