/**
 * What a run of the lab writes as JSON, and what reports and comparisons read. All series of one
 * `Samples` object have one value per entry of `atMs`; a `null` says that nothing could be read then.
 */

/** Changes whenever a reader of the earlier format would misread this one. */
export const RESULT_FORMAT = "live-stash-lab/1";

/** The pages of the application under test, `/bench/<name>`. The baseline has no stash. */
export const ADAPTER_NAMES = ["baseline", "memory", "browser", "redis", "nats"] as const;
export type AdapterName = (typeof ADAPTER_NAMES)[number];

/** What users do, in the order of a visit. `connect` and `reconnect` are socket and join. */
export const STEP_NAMES = ["firstRender", "connect", "stash", "reconnect"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** One value per sample. */
export type Series = readonly (number | null)[];

/** A run of the lab: the same scenario once for each adapter, one after the other. */
export interface LabResult {
  readonly format: typeof RESULT_FORMAT;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Ctrl-C: the last run is shorter than planned, and later adapters are missing. */
  readonly isInterrupted: boolean;
  readonly machine: Machine;
  /** Such as `{ node: "20.20.0", nginx: "1.22.1", "redis-server": "7.0.15" }`; only what took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: Commit;
  readonly scenario: Scenario;
  /** The pages stashed by hand, as a control. Absent: with LiveStash. */
  readonly stashing?: "by-hand";
  /** In the order in which they ran: the baseline, if it took part, first. */
  readonly runs: readonly AdapterRun[];
  /** Adapters whose run could not be finished, for instance because a node ended. Absent: none. */
  readonly failures?: readonly { readonly adapter: AdapterName; readonly reason: string }[];
}

export interface Machine {
  /** Such as "AMD EPYC 7B13". */
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** Such as "Linux 6.1.0 x64". */
  readonly system: string;
}

export interface Commit {
  /** The hash in full; `null` outside of a git repository. */
  readonly hash: string | null;
  /** Files differed from that commit. */
  readonly isDirty: boolean;
}

/** What users do, and for how long. */
export interface Scenario {
  /** The preset's name, such as "small" or "5000x1m"; "custom" if an option changed it. */
  readonly preset: string;
  readonly users: number;
  readonly ttlMs: number;
  /** From the first user's start to the last one's end, ramps included. */
  readonly durationMs: number;
  readonly rampUpMs: number;
  readonly rampDownMs: number;
  /** The share of returns that is planned after the TTL, 0 to 1. */
  readonly lateShare: number;
  /** Decides every user's times; the same seed gives the same plan. */
  readonly seed: number;
  readonly workers: number;
}

/** The scenario with one adapter, on nodes and services started for it alone. */
export interface AdapterRun {
  readonly adapter: AdapterName;
  readonly startedAt: string;
  /** How long it ran; less than the scenario's if it was interrupted. */
  readonly durationMs: number;
  /**
   * The time between the ramps, in ms since the run's start. Round trips, bytes and CPU per cycle
   * are of this time only; series and counts are of all of it.
   */
  readonly steady: { readonly fromMs: number; readonly toMs: number };
  readonly nodes: readonly NodeRun[];
  /** `null` where the run had no such service. */
  readonly redis: ServiceSamples | null;
  readonly nats: NatsSamples | null;
  readonly nginx: NginxSamples | null;
  readonly load: LoadRun;
  /** Round trips by step. */
  readonly steps: Readonly<Record<StepName, StepTimes>>;
  readonly counts: Counts;
  readonly perCycle: PerCycle;
  /** Bytes of one disconnected stash, as far as they can be told; `null` if not. */
  readonly stash: StashSize;
  /** Invalid: the figures say more about the generator or the machine than about the application. */
  readonly validity: { readonly isValid: boolean; readonly reasons: readonly string[] };
  /** What is wrong with the application under test. Empty: nothing was found. */
  readonly findings: readonly Finding[];
  readonly prometheus: PrometheusCheck | null;
}

/** One of the application's nodes. */
export interface NodeRun {
  /** "node-1" or "node-2". */
  readonly name: string;
  readonly samples: NodeSamples;
  /** After garbage collection, before the first user. */
  readonly before: NodeRest;
  /** After the last user has left, and another garbage collection; `null` if cut short. */
  readonly after: NodeRest | null;
}

/** Once a second, in ms since the run's start. Bytes and CPU are rates over the second that ended. */
export interface NodeSamples {
  readonly atMs: readonly number[];
  /** Figure 2: live views, open sockets, handles (without timers), timers that keep the process alive. */
  readonly views: Series;
  readonly sockets: Series;
  readonly handles: Series;
  readonly timers: Series;
  /** Figure 3. `externalBytes` includes array buffers. */
  readonly heapUsedBytes: Series;
  readonly heapTotalBytes: Series;
  readonly externalBytes: Series;
  readonly rssBytes: Series;
  /** Figure 4: held by the adapter in this process; 0 where it holds none. */
  readonly adapterBytes: Series;
  readonly adapterEntries: Series;
  /** Figures 5 and 6: bytes of HTTP and WebSocket, as the node's sockets counted them. */
  readonly clientOutBytesPerSecond: Series;
  readonly clientInBytesPerSecond: Series;
  /** Figure 7: bytes from and to the other node; 0 where nodes do not talk to each other. */
  readonly interNodeOutBytesPerSecond: Series;
  readonly interNodeInBytesPerSecond: Series;
  /** Figure 10: 100 is one core, busy. */
  readonly cpuPercent: Series;
  /** New here: the delay of the event loop and the pauses for garbage collection in that second. */
  readonly eventLoopDelayP50Ms: Series;
  readonly eventLoopDelayP99Ms: Series;
  readonly eventLoopDelayMaxMs: Series;
  readonly gcPauseMsPerSecond: Series;
  readonly gcPauses: Series;
}

/** A node at rest. */
export interface NodeRest {
  readonly views: number;
  readonly sockets: number;
  readonly handles: number;
  readonly timers: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
  readonly adapterBytes: number;
  readonly adapterEntries: number;
}

/** Figures 8 and 9: bytes that the service read from, and wrote to, its clients. */
export interface ServiceSamples {
  readonly atMs: readonly number[];
  readonly inBytesPerSecond: Series;
  readonly outBytesPerSecond: Series;
  /** What it holds, beyond what it held before the run. */
  readonly storedBytes: Series;
  readonly cpuPercent: Series;
  readonly rssBytes: Series;
}

/** All three servers together. */
export interface NatsSamples extends ServiceSamples {
  /** Between the servers, each byte counted once. */
  readonly routeBytesPerSecond: Series;
}

export interface NginxSamples {
  readonly atMs: readonly number[];
  readonly connections: Series;
  readonly cpuPercent: Series;
  readonly rssBytes: Series;
}

/** The load generator, honest about itself. */
export interface LoadRun {
  readonly samples: {
    readonly atMs: readonly number[];
    /** Users that have started and not ended. */
    readonly users: Series;
    /** Users with a socket. */
    readonly connected: Series;
    readonly cyclesPerSecond: Series;
    readonly errorsPerSecond: Series;
    /** 100 is one core, busy: all workers and the lab's own measuring. */
    readonly cpuPercent: Series;
    /** The busiest worker's event loop, 0 to 100. */
    readonly busiestWorkerPercent: Series;
  };
  /** From the planned to the actual start of steps that had nothing to wait for. */
  readonly latenessMs: Times;
  /** Source addresses in 127.0.0.0/8 that its connections were spread over. */
  readonly sourceAddresses: number;
}

export interface StepTimes {
  /** From the moment it was sent, as a browser would measure it. */
  readonly fromSentMs: Times;
  /** From the moment it was planned for: what it waited for before counts too. */
  readonly fromPlannedMs: Times;
}

/** A histogram's summary, in ms; all 0 if `count` is. */
export interface Times {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What came out, ramps included. */
export interface Counts {
  readonly pageLoads: number;
  readonly connects: number;
  readonly stashes: number;
  readonly reconnects: number;
  /** Returns within the TTL that had everything again, checked. For the baseline: 0. */
  readonly recovered: number;
  /** Returns after the TTL that rightly found nothing. */
  readonly expired: number;
  /** Returns within the TTL that found nothing: acknowledged state is gone. */
  readonly lost: number;
  /** Returns after the TTL that found something. */
  readonly revived: number;
  /** A page, also after a stash, with another count, size or content than it must have. */
  readonly wrong: number;
  /** Steps that failed, by what failed, such as `{ "stash: timeout": 2 }`. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Over the steady time, both nodes together. A cycle is one join, mostly a reconnect, and one stash;
 * `null` where that does not exist or nothing was measured.
 */
export interface PerCycle {
  readonly cycles: number;
  /** Page loads for each cycle: their bytes and CPU are in the figures below. */
  readonly pageLoads: number | null;
  readonly cpuMs: number | null;
  readonly clientInBytes: number | null;
  readonly clientOutBytes: number | null;
  readonly interNodeBytes: number | null;
  readonly redisInBytes: number | null;
  readonly redisOutBytes: number | null;
  readonly redisCpuMs: number | null;
  readonly natsInBytes: number | null;
  readonly natsOutBytes: number | null;
  readonly natsRouteBytes: number | null;
  readonly natsCpuMs: number | null;
  readonly nginxCpuMs: number | null;
  readonly loadCpuMs: number | null;
}

export interface StashSize {
  /** In the nodes' memory, or in one copy of the service, when the most stashes were held. */
  readonly storedBytes: number | null;
  /** The string that the browser holds, in characters, mean. */
  readonly heldCharacters: number | null;
}

export const FINDING_CODES = [
  "wrong_value",
  "lost_state",
  "revived_state",
  "errors",
  "leak",
  "slow",
] as const;

export interface Finding {
  readonly code: (typeof FINDING_CODES)[number];
  /** A sentence for people, with figures. */
  readonly text: string;
}

/** Whether Prometheus saw everything too. */
export interface PrometheusCheck {
  /** Such as "node-1" or "redis". */
  readonly targets: readonly string[];
  readonly targetsDown: readonly string[];
}
