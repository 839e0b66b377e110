import type {
  ForgetOutcome,
  ForgetRequest,
  LoadOutcome,
  LoadRequest,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
} from "live-stash/adapter";
import { Call } from "./connection/bounded-call.ts";
import { keepAllAlive, newNodeName } from "./log/keep-alive.ts";
import { Mirror } from "./mirror/mirror.ts";
import { MirrorFeed } from "./mirror/feed.ts";
import { closed, queueFull, refused, unreadableRecord } from "./nats-errors.ts";
import { NatsLink } from "./connection/nats-connection.ts";
import { type NatsAdapterOptions, parseNatsOptions } from "./nats-options.ts";
import { changeOf, type Decide, leaseUntil, NO_ROOM, StashLog } from "./log/stash-log.ts";
import { AckedPublisher } from "./stream/publisher.ts";
import { isEarlierKey, ownerKey, stashName, subjectsOf } from "./stream/message.ts";

/** What a node knows of all stashes, for metrics. */
export interface NatsFigures {
  readonly mirror: {
    /** How many stashes this node could recover without asking anybody. */
    readonly entries: number;
    /** The memory that they take, roughly. */
    readonly bytes: number;
    /** How many changes are known to be on their way to it. */
    readonly lagMessages: number;
  };
  /** Whether there is a connection. */
  readonly isConnected: boolean;
}

/** A stash adapter whose state of things can be asked for. */
export interface NatsAdapter extends StashAdapter {
  /**
   * Connects, makes the stream if it is not there, and fills the mirror; otherwise the first call does
   * so, in its own short time. Rejects with `adapter_unavailable`, or `adapter_timeout` after 30,000 ms.
   */
  connect(): Promise<void>;
  close(): Promise<void>;
  figures(): NatsFigures;
}

const CONNECTS_WITHIN_MS = 30_000;
const SWEEP_MS = 30_000;
/** Expired stashes are kept for so long, as another node's clock may say that they are not. */
const CLOCK_DIFFERENCE_MS = 60_000;
/** Servers let go of messages at this age, in `maxTtlMs`. */
const AGES_KEPT = 3;

/**
 * Replicates stashes with NATS JetStream (nats-server 2.9.10 or newer): with three servers any one of
 * them may be killed, freeze or be cut off, and nothing acknowledged is lost. Each node mirrors all stashes, so that a recovery
 * reads nothing over the network. Connects when it is first used.
 *
 * Calls reject with a `StashError` of code `adapter_unavailable`, `adapter_timeout` or
 * `adapter_closed`, after `timeoutMs` at the latest (`keepAlive`: for each 500 stashes). What was
 * given up may still take effect; it then neither takes a stash from its owner nor undoes what came
 * after it.
 *
 * Throws a `StashError` with `invalid_option`, or with `missing_secret` in production.
 */
export function createNatsAdapter(options: NatsAdapterOptions): NatsAdapter {
  const settings = parseNatsOptions(options);
  const { clock, sealer, maxRecordBytes, maxTtlMs, timeoutMs, maxQueueLength } = settings;
  const subjects = subjectsOf(settings.stream);
  const mirror = new Mirror(newNodeName());
  const publisher = new AckedPublisher(subjects.reply(mirror.node));
  const feed = new MirrorFeed({
    mirror,
    subjects,
    settings: { ...settings, maxAgeMs: AGES_KEPT * maxTtlMs },
    timeoutMs,
  });
  const link = new NatsLink(settings.source, timeoutMs, {
    onUp(connection) {
      publisher.use(connection);
      feed.up(connection);
      sweeping ??= setInterval(sweep, SWEEP_MS).unref();
    },
    onDown() {
      publisher.forgetAll();
      feed.down();
    },
  });
  const log = new StashLog({ link, publisher, feed, mirror, subjects, clock, timeoutMs });
  const calls = new Set<Call>();
  let sweeping: NodeJS.Timeout | undefined;
  let isSweeping = false;
  let closing: Promise<void> | undefined;

  async function run<Outcome>(
    operation: string,
    work: (call: Call) => Promise<Outcome | typeof NO_ROOM>,
    limitMs = timeoutMs,
  ): Promise<Outcome> {
    const outcome = await runWithRoom(operation, work, limitMs);
    if (outcome === NO_ROOM) throw refused(operation, "no room");
    return outcome;
  }

  async function runWithRoom<Outcome>(
    operation: string,
    work: (call: Call) => Promise<Outcome>,
    limitMs = timeoutMs,
  ): Promise<Outcome> {
    if (closing !== undefined) throw closed(operation);
    if (calls.size >= maxQueueLength) throw queueFull(operation, maxQueueLength);
    const call = new Call(operation, limitMs);
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
        // The servers do not answer: nothing is dropped, and the next round asks again.
      })
      .finally(() => {
        isSweeping = false;
      });
  }

  /**
   * Drops what has expired from the mirror, once that holds all that was stored before: what it has not
   * read yet, as there was no connection or this process stood still, may have put a deadline off.
   */
  async function dropExpired(): Promise<void> {
    const nowMs = clock.now();
    const { epoch } = mirror;
    await feed.whenApplied(await feed.look());
    if (epoch !== mirror.epoch || !log.isReady) return;
    const hasDroppedOwn = mirror.sweep(nowMs - CLOCK_DIFFERENCE_MS, nowMs - AGES_KEPT * maxTtlMs);
    if (hasDroppedOwn) mirror.rename(newNodeName());
  }

  async function save(request: SaveRequest): Promise<SaveOutcome> {
    const { id, record, create, expiresAtMs } = request;
    if (record.length > maxRecordBytes) return { status: "full" };
    const owner = ownerKey(request.owner);
    const name = stashName(id);
    const askedAtMs = clock.now();
    const stored = sealer === undefined ? record : sealer.seal(record, Buffer.from(name));
    const decide: Decide<SaveOutcome> = (entry, _nowMs, followsSeq) => {
      if (entry === undefined && !create) return { kind: "answer", outcome: { status: "absent" } };
      if (entry !== undefined && entry.owner !== owner) {
        return { kind: "answer", outcome: { status: "not_owner" } };
      }
      const lease = leaseUntil(expiresAtMs, askedAtMs, mirror.node);
      const message = { kind: "state", followsSeq, owner, lease, record: stored } as const;
      return { kind: "store", message, outcome: { status: "saved" } };
    };
    const outcome = await runWithRoom("save", (call) => log.decide(call, name, decide));
    return outcome === NO_ROOM ? { status: "full" } : outcome;
  }

  async function load({ id, owner, expiresAtMs }: LoadRequest): Promise<LoadOutcome> {
    const key = ownerKey(owner);
    const name = stashName(id);
    const askedAtMs = clock.now();
    const decide: Decide<LoadOutcome> = (entry, nowMs) => {
      if (entry === undefined) return { kind: "answer", outcome: { status: "absent" } };
      if (isEarlierKey(key, entry.owner)) {
        return { kind: "answer", outcome: { status: "superseded" } };
      }
      const lease = leaseUntil(expiresAtMs, askedAtMs, mirror.node);
      const message = changeOf(entry, key, lease, nowMs, maxTtlMs, mirror.isStored(entry));
      return { kind: "store", message, outcome: { status: "loaded", record: entry.record } };
    };
    const outcome = await run("load", (call) => log.decide(call, name, decide));
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
    const decide: Decide<ForgetOutcome> = (entry, _nowMs, followsSeq) => {
      if (entry === undefined) return { kind: "answer", outcome: "absent" };
      if (entry.owner !== key) return { kind: "answer", outcome: "not_owner" };
      return { kind: "store", message: { kind: "gone", followsSeq }, outcome: "forgotten" };
    };
    return run("forget", (call) => log.decide(call, stashName(id), decide));
  }

  async function close(): Promise<void> {
    // Each call under way ends by itself, in its own time; without a connection there is no point.
    while (calls.size > 0 && link.isUp) {
      await Promise.race([...calls].map((call) => call.ended));
    }
    for (const call of calls) call.fail(closed(call.operation));
    clearInterval(sweeping);
    feed.close();
    publisher.close();
    await link.close();
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
    connect: () => run("connect", (call) => log.ready(call), CONNECTS_WITHIN_MS),
    figures: () => ({
      mirror: { entries: mirror.size, bytes: mirror.bytes, lagMessages: feed.lagMessages },
      isConnected: link.isUp,
    }),
  };
}
