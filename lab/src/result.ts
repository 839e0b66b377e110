/**
 * The JSON that a run of the lab writes, and that reports and comparisons read. All series of one
 * `Samples` object have one value per entry of `atMs`; `null` means that nothing could be read then.
 */

/** Changes whenever a reader of the earlier format would misread this one. */
export const RESULT_FORMAT = "live-stash-lab/1";

/** The pages of the application under test, `/bench/<name>`. The baseline has no stash. */
export const ADAPTER_NAMES = ["baseline", "memory", "browser", "redis", "nats"] as const;
export type AdapterName = (typeof ADAPTER_NAMES)[number];

/** The steps of a visit, in order. `connect` and `reconnect` each open a socket and join. */
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
  /** Whether Ctrl-C ended it: the last run is shorter than planned, and later adapters are missing. */
  readonly isInterrupted: boolean;
  readonly machine: Machine;
  /** The programs that took part, such as `{ node: "20.20.0", nginx: "1.22.1" }`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: Commit;
  readonly scenario: Scenario;
  /** Whether the pages stashed by hand, as a control. Absent: they stashed with LiveStash. */
  readonly stashing?: "by-hand";
  /** In the order in which they ran: the baseline, if it took part, first. */
  readonly runs: readonly AdapterRun[];
  /** Adapters whose run failed, for instance because a node ended. Absent: none. */
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
  /** Whether files differed from that commit. */
  readonly isDirty: boolean;
}

/** The load of a run: its users, times and seed. */
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
  /** The actual duration; shorter than the scenario's if the run was interrupted. */
  readonly durationMs: number;
  /**
   * The time between the ramps, in ms since the run's start. Round trips, bytes and CPU per cycle
   * are of this time only; series and counts are of all of it.
   */
  readonly steady: { readonly fromMs: number; readonly toMs: number };
  readonly nodes: readonly NodeRun[];
  /** `null` if the run had no such service. */
  readonly redis: ServiceSamples | null;
  readonly nats: NatsSamples | null;
  readonly nginx: NginxSamples | null;
  readonly load: LoadRun;
  /** Round trips by step. */
  readonly steps: Readonly<Record<StepName, StepTimes>>;
  readonly counts: Counts;
  readonly perCycle: PerCycle;
  /** The size of one disconnected stash. */
  readonly stash: StashSize;
  /** Whether the figures describe the application rather than the generator or the machine. */
  readonly validity: { readonly isValid: boolean; readonly reasons: readonly string[] };
  /** The faults that were found in the application under test. */
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
  /** Figure 4: stored by the adapter in this process; 0 if it stores nothing here. */
  readonly adapterBytes: Series;
  readonly adapterEntries: Series;
  /** Figures 5 and 6: bytes of HTTP and WebSocket, as the node's sockets counted them. */
  readonly clientOutBytesPerSecond: Series;
  readonly clientInBytesPerSecond: Series;
  /** Figure 7: bytes from and to the other node; 0 if the nodes do not connect to each other. */
  readonly interNodeOutBytesPerSecond: Series;
  readonly interNodeInBytesPerSecond: Series;
  /** Figure 10: 100 is one busy core. */
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
  /** The growth of the stored bytes since the run began. */
  readonly storedBytes: Series;
  readonly cpuPercent: Series;
  readonly rssBytes: Series;
}

/** The samples of all three servers together. */
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

/** The load generator's own figures, which show whether it was the bottleneck. */
export interface LoadRun {
  readonly samples: {
    readonly atMs: readonly number[];
    /** Users that have started and not ended. */
    readonly users: Series;
    /** Users with a socket. */
    readonly connected: Series;
    readonly cyclesPerSecond: Series;
    readonly errorsPerSecond: Series;
    /** CPU of all workers and of the lab's measuring; 100 is one busy core. */
    readonly cpuPercent: Series;
    /** The busiest worker's event loop, 0 to 100. */
    readonly busiestWorkerPercent: Series;
  };
  /** From the planned to the actual start of steps that had nothing to wait for. */
  readonly latenessMs: Times;
  /** The number of source addresses in 127.0.0.0/8 over which connections were spread. */
  readonly sourceAddresses: number;
}

export interface StepTimes {
  /** From the moment at which the request was sent, as a browser would measure it. */
  readonly fromSentMs: Times;
  /** From the planned moment: the time that the request waited to be sent counts too. */
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

/** The run's steps and outcomes, ramps included. */
export interface Counts {
  readonly pageLoads: number;
  readonly connects: number;
  readonly stashes: number;
  readonly reconnects: number;
  /** Returns that recovered their whole state, which was checked. For the baseline: 0. */
  readonly recovered: number;
  /** Returns after the TTL that rightly found nothing. */
  readonly expired: number;
  /** Returns within the TTL that found nothing, although their state was acknowledged. */
  readonly lost: number;
  /** Returns long after the TTL that still found their state. */
  readonly revived: number;
  /** Pages that showed a wrong count, size or content, also after a stash. */
  readonly wrong: number;
  /** Failed steps by step and reason, such as `{ "stash: timeout": 2 }`. */
  readonly errors: Readonly<Record<string, number>>;
}

/**
 * Costs per cycle over the steady time, both nodes together. A cycle is one join, mostly a reconnect,
 * and one stash. `null`: the run has no such cost, or nothing was measured.
 */
export interface PerCycle {
  readonly cycles: number;
  /** Page loads per cycle. Their bytes and CPU are included in the figures below. */
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
  /** Bytes in the nodes' memory or in one copy of the service, mean; `null` if there were too few. */
  readonly storedBytes: number | null;
  /** The length of the browser's token, in characters, mean; `null` without tokens. */
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

/** The targets of Prometheus, and those that it could not reach. */
export interface PrometheusCheck {
  /** Such as "node-1" or "redis". */
  readonly targets: readonly string[];
  readonly targetsDown: readonly string[];
}
