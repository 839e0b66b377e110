import { listOriginals } from "./original.ts";
import {
  eachNode,
  load,
  natsRoutes,
  nodes,
  service,
  services,
  type PanelDefinition,
} from "./panel-definition.ts";
import { formatCount, formatQuantity } from "./quantity.ts";

/** A figure of the study, or one of ours (11 and later). */
export interface FigureDefinition {
  readonly number: number;
  /** The figure's anchor and the name of its file. */
  readonly id: string;
  readonly title: string;
  readonly what: string;
  /** The original's figures, as its study published them or as this project measured them. */
  readonly original: string | null;
  readonly panels: readonly PanelDefinition[];
}

const BOTH_NODES = "both nodes";

const perCycle = (bytes: number) => `${formatCount(bytes)}\u00a0B`;

/** The figures in the order and with the numbers of the original's study, whose figure 1 is the topology. */
export const FIGURES: readonly FigureDefinition[] = [
  {
    number: 2,
    id: "figure-02-views-handles-timers",
    title: "Live views, handles and timers",
    what: `A stash must not cost a process, which in Node is a handle or a timer, for each view: all lines should be one (${BOTH_NODES} together).`,
    original: "Published: the process counts of all adapters are one line, no overhead.",
    panels: [
      nodes("live views", "count", "views"),
      nodes("open handles", "count", "handles"),
      nodes("timers", "count", "timers"),
    ],
  },
  {
    number: 3,
    id: "figure-03-memory",
    title: "Memory",
    what: `JavaScript's heap, what lies outside of it (buffers, compressed stashes), and what the system counts; ${BOTH_NODES} together.`,
    original: `Measured RSS, both nodes: ${listOriginals(({ rssBytes }) => formatQuantity(rssBytes, "bytes"))}.`,
    panels: [
      nodes("heap in use", "bytes", "heapUsedBytes"),
      nodes("external", "bytes", "externalBytes"),
      nodes("resident (RSS)", "bytes", "rssBytes"),
    ],
  },
  {
    number: 4,
    id: "figure-04-adapter-bytes",
    title: "Bytes held by the adapter",
    what: "The size of all stashes in the nodes' own memory. Redis, NATS and browsers store theirs elsewhere.",
    original:
      "Published: a saw-tooth for ETS, from its cleaner; Mnesia far above it, being copied to every node. Measured: 14 KB for each stash.",
    panels: eachNode("bytes", "adapterBytes", { summary: "peak" }),
  },
  {
    number: 5,
    id: "figure-05-client-bytes-out",
    title: "Bytes out to clients",
    what: "HTTP and WebSocket, as the node's sockets counted them.",
    original: `Measured per cycle: ${listOriginals((original) => perCycle(original.clientOutBytes))}.`,
    panels: eachNode("bytesPerSecond", "clientOutBytesPerSecond", { isJagged: true }),
  },
  {
    number: 6,
    id: "figure-06-client-bytes-in",
    title: "Bytes in from clients",
    what: "HTTP and WebSocket, as the node's sockets counted them.",
    original: `Measured per cycle: ${listOriginals((original) => perCycle(original.clientInBytes))}.`,
    panels: eachNode("bytesPerSecond", "clientInBytesPerSecond", { isJagged: true }),
  },
  {
    number: 7,
    id: "figure-07-inter-node-bytes",
    title: "Bytes between nodes",
    what: "What one node sends to the other, and what the NATS servers send to each other, each byte counted once.",
    original:
      "Published: Mnesia high and jagged, ETS almost none. Measured per cycle: 2,876 B ETS, 14,003 B Mnesia.",
    panels: [
      nodes("between the two nodes", "bytesPerSecond", "interNodeOutBytesPerSecond", {
        isJagged: true,
      }),
      natsRoutes,
    ],
  },
  {
    number: 8,
    id: "figure-08-store-bytes-in",
    title: "Bytes into Redis and NATS",
    what: "What the servers read from the nodes.",
    original:
      "Published for Redis: peaks of about 80 KB/s at 25,000 users and TTL 5 min. Measured: 1,238 B per cycle.",
    panels: [
      service("Redis", "redis", "bytesPerSecond", "inBytesPerSecond"),
      service("NATS, three servers", "nats", "bytesPerSecond", "inBytesPerSecond"),
    ],
  },
  {
    number: 9,
    id: "figure-09-store-bytes-out",
    title: "Bytes out of Redis and NATS",
    what: "What the servers wrote to the nodes.",
    original:
      "Published for Redis: about 310 KB/s at 25,000 users and TTL 5 min. Measured: 880 B per cycle.",
    panels: [
      service("Redis", "redis", "bytesPerSecond", "outBytesPerSecond"),
      service("NATS, three servers", "nats", "bytesPerSecond", "outBytesPerSecond"),
    ],
  },
  {
    number: 10,
    id: "figure-10-cpu",
    title: "CPU",
    what: "100 % is one core, busy.",
    original:
      "Published: Mnesia peaks at about 46 %, Redis 5–7 points above the baseline, ETS and browser on the baseline.",
    panels: [...eachNode("percent", "cpuPercent", { isJagged: true }), services],
  },
  {
    number: 11,
    id: "figure-11-event-loop",
    title: "Event loop delay and garbage collection",
    what: "The event loop's delay at the worse node, and the pauses of both nodes.",
    original: null,
    panels: [
      nodes("delay, p99", "ms", "eventLoopDelayP99Ms", { fold: "max", isJagged: true }),
      nodes("delay, longest", "ms", "eventLoopDelayMaxMs", { fold: "max", isJagged: true }),
      nodes("pauses for collection", "msPerSecond", "gcPauseMsPerSecond", { isJagged: true }),
    ],
  },
  {
    number: 12,
    id: "figure-12-load",
    title: "The load itself",
    what: "Every adapter must get the same load, from a generator that has time to spare.",
    original: null,
    panels: [
      load("users with a socket", "count", "connected"),
      load("cycles per second", "count", "cyclesPerSecond"),
      load("busiest worker", "percent", "busiestWorkerPercent"),
    ],
  },
];
