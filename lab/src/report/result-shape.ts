import { ADAPTER_NAMES, FINDING_CODES, STEP_NAMES } from "../result.ts";
import {
  fields,
  flag,
  list,
  mapOf,
  nullable,
  number,
  oneOf,
  optional,
  text,
  type Shape,
  type ShapeFields,
} from "./shape.ts";

const series = list(nullable(number));

/** Gives several fields the same shape; the names are separated by spaces. */
function each(shape: Shape, names: string): ShapeFields {
  return Object.fromEntries(names.split(" ").map((name) => [name, shape]));
}

const rest = fields(
  each(
    number,
    "views sockets handles timers heapUsedBytes externalBytes rssBytes " +
      "adapterBytes adapterEntries",
  ),
);

const nodeSamples = fields({
  atMs: list(number),
  ...each(
    series,
    "views sockets handles timers heapUsedBytes heapTotalBytes externalBytes " +
      "rssBytes adapterBytes adapterEntries clientOutBytesPerSecond " +
      "clientInBytesPerSecond interNodeOutBytesPerSecond " +
      "interNodeInBytesPerSecond cpuPercent eventLoopDelayP50Ms " +
      "eventLoopDelayP99Ms eventLoopDelayMaxMs gcPauseMsPerSecond gcPauses",
  ),
});

const service: ShapeFields = {
  atMs: list(number),
  ...each(series, "inBytesPerSecond outBytesPerSecond storedBytes cpuPercent rssBytes"),
};

const times = fields(each(number, "count meanMs p50Ms p95Ms p99Ms maxMs"));

const adapterRun = fields({
  adapter: oneOf(ADAPTER_NAMES),
  startedAt: text,
  durationMs: number,
  steady: fields({ fromMs: number, toMs: number }),
  nodes: list(fields({ name: text, samples: nodeSamples, before: rest, after: nullable(rest) })),
  redis: nullable(fields(service)),
  nats: nullable(fields({ ...service, routeBytesPerSecond: series })),
  nginx: nullable(
    fields({ atMs: list(number), ...each(series, "connections cpuPercent rssBytes") }),
  ),
  load: fields({
    samples: fields({
      atMs: list(number),
      ...each(
        series,
        "users connected cyclesPerSecond errorsPerSecond cpuPercent busiestWorkerPercent",
      ),
    }),
    latenessMs: times,
    sourceAddresses: number,
  }),
  steps: fields(each(fields({ fromSentMs: times, fromPlannedMs: times }), STEP_NAMES.join(" "))),
  counts: fields({
    ...each(number, "pageLoads connects stashes reconnects recovered expired lost revived wrong"),
    errors: mapOf(number),
  }),
  perCycle: fields({
    cycles: number,
    ...each(
      nullable(number),
      "pageLoads cpuMs clientInBytes clientOutBytes interNodeBytes " +
        "redisInBytes redisOutBytes redisCpuMs natsInBytes natsOutBytes " +
        "natsRouteBytes natsCpuMs nginxCpuMs loadCpuMs",
    ),
  }),
  stash: fields(each(nullable(number), "storedBytes heldCharacters")),
  validity: fields({ isValid: flag, reasons: list(text) }),
  findings: list(fields({ code: oneOf(FINDING_CODES), text })),
  prometheus: nullable(fields({ targets: list(text), targetsDown: list(text) })),
});

/** The shape of a run's result, as far as reports rely on it. */
export const RESULT_SHAPE: Shape = fields({
  startedAt: text,
  finishedAt: text,
  isInterrupted: flag,
  machine: fields({ cpuModel: text, cpuCount: number, memoryBytes: number, system: text }),
  versions: mapOf(text),
  commit: fields({ hash: nullable(text), isDirty: flag }),
  scenario: fields({
    preset: text,
    ...each(number, "users ttlMs durationMs rampUpMs rampDownMs lateShare seed workers"),
  }),
  stashing: optional(oneOf(["by-hand"])),
  runs: list(adapterRun),
  failures: optional(list(fields({ adapter: oneOf(ADAPTER_NAMES), reason: text }))),
});
