import type {
  ForgetOutcome,
  ForgetRequest,
  LoadOutcome,
  LoadRequest,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
} from "live-stash/adapter";
import { BoundedCall } from "./connection/bounded-call.ts";
import { ManagedConnection } from "./connection/managed-connection.ts";
import { keepAllAlive, newNodeName } from "./log/keep-alive.ts";
import { changeOf, type Decide, StashLog, STREAM_FULL } from "./log/stash-log.ts";
import { MirrorFeed } from "./mirror/feed.ts";
import { Mirror } from "./mirror/mirror.ts";
import { closed, queueFull, refused, unreadableRecord } from "./nats-errors.ts";
import { type NatsAdapterOptions, parseNatsOptions } from "./nats-options.ts";
import { isEarlierKey, leaseFor, ownerKey, stashName, subjectsOf } from "./stream/message.ts";
import { Publisher } from "./stream/publisher.ts";

/** The state of one node's adapter, for metrics. */
export interface NatsFigures {
  readonly mirror: {
    /** The number of stashes that this node can recover without the network. */
    readonly entries: number;
    /** The approximate memory of these stashes. */
    readonly bytes: number;
    /** The number of changes known to be on their way to the mirror. */
    readonly lagMessages: number;
  };
  readonly isConnected: boolean;
}

/** The stash adapter for NATS, with its figures. */
export interface NatsAdapter extends StashAdapter {
  /**
   * Connects, creates the stream if it is missing, and fills the mirror. Without this call the first
   * stash or recovery does so, within its own time limit. Rejects with `adapter_unavailable`, or with
   * `adapter_timeout` after 30,000 ms.
   */
  connect(): Promise<void>;
  close(): Promise<void>;
  figures(): NatsFigures;
}

/** The time limit of `connect()`, in ms: servers that start together need several elections. */
const CONNECT_TIMEOUT_MS = 30_000;
/** The interval of sweeps, in ms: each costs one request, and expired stashes only cost memory. */
const SWEEP_MS = 30_000;
/** The time for which expired stashes are kept, in ms, because nodes' clocks may differ by as much. */
const CLOCK_DIFFERENCE_MS = 60_000;
/**
 * The age limit of messages (`max_age`), as a multiple of `maxTtlMs`: a connected view's state is stored
 * again after one, and its page may return up to one TTL after the view has ended.
 */
const MAX_AGE_TTLS = 3;

/**
 * Replicates stashes with NATS JetStream (nats-server 2.9.10 or newer). With three servers any one of
 * them may be killed, freeze or be cut off, and no acknowledged stash is lost. Each node mirrors all
 * stashes, so that a recovery reads nothing over the network. Connects on first use.
 *
 * Calls reject with a `StashError` of code `adapter_unavailable`, `adapter_timeout` or
 * `adapter_closed`, at the latest after `timeoutMs` (`keepAlive`: for each 500 stashes). A call that was
 * rejected may still take effect; it then neither takes a stash from its owner nor undoes a later change.
 *
 * Throws a `StashError` with `invalid_option`, or with `missing_secret` in production.
 */
export function createNatsAdapter(options: NatsAdapterOptions): NatsAdapter {
  const settings = parseNatsOptions(options);
  const { clock, sealer, maxRecordBytes, maxTtlMs, timeoutMs, maxQueueLength } = settings;
  const maxAgeMs = MAX_AGE_TTLS * maxTtlMs;
  const subjects = subjectsOf(settings.stream);
  const mirror = new Mirror(newNodeName());
  const publisher = new Publisher(subjects.reply(mirror.node));
  const feed = new MirrorFeed({
    mirror,
    subjects,
    settings: { ...settings, maxAgeMs },
    timeoutMs,
  });
  const connection = new ManagedConnection(settings.source, timeoutMs, {
    onUp(current) {
      publisher.use(current);
      feed.connected(current);
      sweeping ??= setInterval(sweep, SWEEP_MS).unref();
    },
    onDown() {
      publisher.abandonAll();
      feed.disconnected();
    },
  });
  const log = new StashLog({ connection, publisher, feed, mirror, subjects, clock, timeoutMs });
  const calls = new Set<BoundedCall>();
  let sweeping: NodeJS.Timeout | undefined;
  let isSweeping = false;
  let closing: Promise<void> | undefined;

  async function save(request: SaveRequest): Promise<SaveOutcome> {
    const { id, record, create, expiresAtMs } = request;
    if (record.length > maxRecordBytes) return { status: "full" };
    const owner = ownerKey(request.owner);
    const name = stashName(id);
    const requestedAtMs = clock.now();
    const stored = sealer === undefined ? record : sealer.seal(record, Buffer.from(name));
    const decide: Decide<SaveOutcome> = ({ entry, lastSeq: followsSeq, node }) => {
      if (entry === undefined && !create) return { kind: "answer", outcome: { status: "absent" } };
      if (entry !== undefined && entry.owner !== owner) {
        return { kind: "answer", outcome: { status: "not_owner" } };
      }
      const lease = leaseFor(expiresAtMs, requestedAtMs, node);
      const message = { kind: "state", followsSeq, owner, lease, record: stored } as const;
      return { kind: "store", message, outcome: { status: "saved" } };
    };
    const outcome = await runBounded("save", (call) => log.execute(call, name, decide));
    return outcome === STREAM_FULL ? { status: "full" } : outcome;
  }

  async function load({ id, owner, expiresAtMs }: LoadRequest): Promise<LoadOutcome> {
    const key = ownerKey(owner);
    const name = stashName(id);
    const requestedAtMs = clock.now();
    const decide: Decide<LoadOutcome> = ({ entry, node, isStored }, nowMs) => {
      if (entry === undefined) return { kind: "answer", outcome: { status: "absent" } };
      if (isEarlierKey(key, entry.owner)) {
        return { kind: "answer", outcome: { status: "superseded" } };
      }
      const lease = leaseFor(expiresAtMs, requestedAtMs, node);
      const message = changeOf(entry, key, lease, nowMs, maxTtlMs, isStored);
      return { kind: "store", message, outcome: { status: "loaded", record: entry.record } };
    };
    const outcome = await run("load", (call) => log.execute(call, name, decide));
    if (outcome.status !== "loaded") return outcome;
    return { status: "loaded", record: opened(name, outcome.record) };
  }

  function opened(name: string, record: Uint8Array): Buffer {
    if (sealer === undefined) return Buffer.from(record);
    const bytes = sealer.open(record, Buffer.from(name));
    if (bytes === undefined) throw unreadableRecord();
    return bytes;
  }

  async function forget({ id, owner }: ForgetRequest): Promise<ForgetOutcome> {
    const key = ownerKey(owner);
    const decide: Decide<ForgetOutcome> = ({ entry, lastSeq: followsSeq }) => {
      if (entry === undefined) return { kind: "answer", outcome: "absent" };
      if (entry.owner !== key) return { kind: "answer", outcome: "not_owner" };
      return { kind: "store", message: { kind: "gone", followsSeq }, outcome: "forgotten" };
    };
    return run("forget", (call) => log.execute(call, stashName(id), decide));
  }

  /** Runs a call within its time limit. Rejects if the stream is full. */
  async function run<Outcome>(
    operation: string,
    work: (call: BoundedCall) => Promise<Outcome | typeof STREAM_FULL>,
    limitMs = timeoutMs,
  ): Promise<Outcome> {
    const outcome = await runBounded(operation, work, limitMs);
    if (outcome === STREAM_FULL) throw refused(operation, "no room");
    return outcome;
  }

  async function runBounded<Outcome>(
    operation: string,
    work: (call: BoundedCall) => Promise<Outcome>,
    limitMs = timeoutMs,
  ): Promise<Outcome> {
    if (closing !== undefined) throw closed(operation);
    if (calls.size >= maxQueueLength) throw queueFull(operation, maxQueueLength);
    const call = new BoundedCall(operation, limitMs);
    calls.add(call);
    try {
      return await call.run(() => work(call));
    } finally {
      calls.delete(call);
    }
  }

  function sweep(): void {
    feed.checkSilence();
    if (isSweeping || !log.isReady) return;
    isSweeping = true;
    dropExpired()
      .catch(() => {
        // The servers did not answer. Nothing is dropped, and the next sweep asks again.
      })
      .finally(() => {
        isSweeping = false;
      });
  }

  /**
   * Drops expired stashes from the mirror, once the mirror holds everything that was stored before. A
   * message that it has not read yet, after an outage or a stall, may have extended a deadline.
   */
  async function dropExpired(): Promise<void> {
    const nowMs = clock.now();
    const { epoch } = mirror;
    await feed.whenApplied(await feed.askServers());
    if (epoch !== mirror.epoch || !log.isReady) return;
    const hasDroppedLeased = mirror.sweep(nowMs - CLOCK_DIFFERENCE_MS, nowMs - maxAgeMs);
    if (hasDroppedLeased) mirror.rename(newNodeName());
  }

  async function close(): Promise<void> {
    // Pending calls end within their time limits. Without a connection no answer can arrive.
    while (calls.size > 0 && connection.isUp) {
      await Promise.race([...calls].map((call) => call.ended));
    }
    for (const call of calls) call.fail(closed(call.operation));
    clearInterval(sweeping);
    feed.close();
    publisher.close();
    await connection.close();
    mirror.clear();
  }

  return {
    name: "nats",
    capabilities: {
      sharedAcrossNodes: true,
      survivesRestart: true,
      browserHolds: "reference",
      needsKeepAlive: true,
      maxBytes: maxRecordBytes,
    },
    save,
    load,
    keepAlive: (requests) =>
      keepAllAlive(
        {
          log,
          mirror,
          feed,
          subjects,
          now: () => clock.now(),
          maxTtlMs,
          run: (work) => run("keepAlive", work),
        },
        requests,
      ),
    forget,
    close: () => (closing ??= close()),
    connect: () => run("connect", (call) => log.ready(call), CONNECT_TIMEOUT_MS),
    figures: () => ({
      mirror: { entries: mirror.size, bytes: mirror.bytes, lagMessages: feed.lagMessages },
      isConnected: connection.isUp,
    }),
  };
}
