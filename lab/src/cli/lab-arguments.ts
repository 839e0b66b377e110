import { parseArgs } from "node:util";
import { type Fault, FAULTS, parseFault } from "../app/fault.ts";
import { type Preset, PRESETS, presetOf } from "../presets.ts";
import { ADAPTER_NAMES, type AdapterName, type Scenario } from "../result.ts";
import { readDurationMs } from "./duration.ts";

/** A parsed command line. */
export type LabCommand =
  | { readonly kind: "help" }
  | { readonly kind: "problem"; readonly problem: string }
  | {
      readonly kind: "compare";
      readonly files: readonly [string, string];
      readonly out: string | undefined;
    }
  | {
      readonly kind: "gates";
      readonly file: string;
      /** A run of the control. */
      readonly controlFile: string | undefined;
    }
  | {
      readonly kind: "serve";
      readonly adapter: AdapterName;
      readonly isByHand: boolean;
      readonly port: number | undefined;
      readonly ttlMs: number;
    }
  | RunCommand;

export interface RunCommand {
  readonly kind: "run";
  readonly adapters: readonly AdapterName[];
  readonly scenario: Scenario;
  /** Whether the pages stash by hand, as the control does, instead of with LiveStash. */
  readonly isByHand: boolean;
  readonly fault: Fault | undefined;
  readonly profileFolder: string | undefined;
  readonly withPrometheus: boolean;
  /** The folder for the result; `undefined`: a new one below `lab/results`. */
  readonly out: string | undefined;
}

/** With more users, a thread starts too many steps late. */
const USERS_PER_WORKER = 2_500;

export const usage = `The performance lab: the published study of LiveStash, repeated on this machine.

npm run lab -- [options]                      runs the scenario for each adapter, writes a report
npm run lab -- compare A.json B.json          shows two results side by side
npm run lab -- gates RESULT.json [BY-HAND.json]
                                              runs the benchmarks, and checks ratios that must hold
npm run lab -- serve --adapter redis          starts only two nodes behind nginx, until Ctrl-C

  --scale NAME      ${Object.keys(PRESETS).join(", ")}; default small
  --adapter LIST    some of ${ADAPTER_NAMES.join(",")}; default all
  --users N         how many users
  --ttl TIME        how long a stash outlives its connection, such as 20s or 5m
  --duration TIME   default three TTLs
  --ramp TIME       for each ramp, up and down; default a quarter of the duration
  --late SHARE      of the returns that are planned after the TTL; default 0.1
  --seed N          other times for all users; default 1
  --workers N       threads of the load generator; default one for each ${USERS_PER_WORKER} users
  --out FOLDER      where to write; default a new folder in lab/results
  --no-prometheus   without a Prometheus that watches
  --by-hand         the control: the least that an application must do itself, without LiveStash
  --fault NAME      a bad application, to see it found: ${FAULTS.join(", ")}
  --profile FOLDER  each node writes a CPU profile there, for Chromium's developer tools
  --port N          serve: the port to visit; default a free one`;

const DEFAULT_SERVE_TTL_MS = 60_000;

/** Parses the arguments after `npm run lab --`. */
export function parseLabArguments(args: readonly string[]): LabCommand {
  try {
    return parse(args);
  } catch (error) {
    return { kind: "problem", problem: error instanceof Error ? error.message : String(error) };
  }
}

function parse(args: readonly string[]): LabCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      scale: { type: "string" },
      adapter: { type: "string" },
      users: { type: "string" },
      ttl: { type: "string" },
      duration: { type: "string" },
      ramp: { type: "string" },
      late: { type: "string" },
      seed: { type: "string" },
      workers: { type: "string" },
      out: { type: "string" },
      fault: { type: "string" },
      port: { type: "string" },
      profile: { type: "string" },
      "by-hand": { type: "boolean" },
      "no-prometheus": { type: "boolean" },
    },
  });
  const [command, ...files] = positionals;
  if (values.help === true) return { kind: "help" };
  if (command === "compare") {
    const [a, b] = files;
    if (a === undefined || b === undefined || files.length > 2) {
      throw new Error(`compare: expected two files, such as A.json B.json, got ${files.length}.`);
    }
    return { kind: "compare", files: [a, b], out: values.out };
  }
  if (command === "gates") {
    const [file, controlFile] = files;
    if (file === undefined || files.length > 2) {
      throw new Error(
        `gates: expected one or two files, RESULT.json [BY-HAND.json], got ${files.length}.`,
      );
    }
    return { kind: "gates", file, controlFile };
  }
  const adapters = readAdapters(values.adapter);
  const isByHand = values["by-hand"] === true;
  if (command === "serve") {
    const [adapter] = adapters;
    if (values.adapter === undefined || adapter === undefined || adapters.length > 1) {
      throw new Error(
        `serve: expected --adapter with one of ${ADAPTER_NAMES.join(", ")}, ` +
          `got ${values.adapter ?? "none"}.`,
      );
    }
    return {
      kind: "serve",
      adapter,
      isByHand,
      port: values.port === undefined ? undefined : readWhole("--port", values.port, 1),
      ttlMs: readDurationMs("--ttl", values.ttl) ?? DEFAULT_SERVE_TTL_MS,
    };
  }
  if (command !== undefined) {
    throw new Error(
      `Expected nothing, "compare", "gates" or "serve" before the options, got "${command}".`,
    );
  }
  const fault = parseFault(values.fault);
  if (values.fault !== undefined && fault === undefined) {
    throw new Error(`--fault: expected one of ${FAULTS.join(", ")}, got "${values.fault}".`);
  }
  return {
    kind: "run",
    adapters,
    scenario: readScenario(values),
    isByHand,
    fault,
    profileFolder: values.profile,
    withPrometheus: values["no-prometheus"] !== true,
    out: values.out,
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function readScenario(values: Values): Scenario {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const scale = text("scale") ?? "small";
  const preset = PRESETS[scale];
  if (preset === undefined) {
    throw new Error(`--scale: expected one of ${Object.keys(PRESETS).join(", ")}, got "${scale}".`);
  }
  const users = readWhole("--users", text("users"), 1) ?? preset.users;
  const ttlMs = readDurationMs("--ttl", text("ttl")) ?? preset.ttlMs;
  const changed: Preset = presetOf(users, ttlMs);
  const durationMs = readDurationMs("--duration", text("duration")) ?? changed.durationMs;
  const rampMs = readDurationMs("--ramp", text("ramp")) ?? durationMs / 4;
  if (2 * rampMs >= durationMs) {
    throw new Error(
      `--ramp: expected less than half of the duration, so that there is a time to measure; ` +
        `got ${rampMs} ms of ${durationMs} ms.`,
    );
  }
  const lateShare = Number(text("late") ?? 0.1);
  if (!(lateShare >= 0 && lateShare <= 1)) {
    throw new Error(`--late: expected a share from 0 to 1, got "${text("late")}".`);
  }
  const times = { users, ttlMs, durationMs, rampUpMs: rampMs, rampDownMs: rampMs };
  const isPreset = JSON.stringify(times) === JSON.stringify(preset);
  return {
    preset: isPreset ? scale : "custom",
    ...times,
    lateShare,
    seed: readWhole("--seed", text("seed"), 0) ?? 1,
    workers: readWhole("--workers", text("workers"), 1) ?? Math.ceil(users / USERS_PER_WORKER),
  };
}

function readAdapters(list: string | undefined): readonly AdapterName[] {
  if (list === undefined) return ADAPTER_NAMES;
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !ADAPTER_NAMES.some((adapter) => adapter === name));
  if (unknown !== undefined) {
    throw new Error(`--adapter: expected some of ${ADAPTER_NAMES.join(",")}, got "${unknown}".`);
  }
  // In the order of ADAPTER_NAMES: the baseline runs first.
  return ADAPTER_NAMES.filter((adapter) => names.includes(adapter));
}

function readWhole(option: string, text: string, least: number): number;
function readWhole(option: string, text: string | undefined, least: number): number | undefined;
function readWhole(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${option}: expected a whole number of at least ${least}, got "${text}".`);
}
