import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { checkOptions, type OptionTable, startTimeLimit } from "live-stash/adapter";
import {
  extendSilence,
  firstReply,
  type NodeName,
  type PeerHandler,
  type PeerNetwork,
  type PeerReply,
  type Silence,
  unlessAborted,
} from "live-stash/peers";
import {
  CONNECTION_TABLE,
  connectionSource,
  type NatsConnectionOptions,
  PREFIX_ROW,
} from "../connection/connection-options.ts";
import { ManagedConnection } from "../connection/managed-connection.ts";
import { type Announcement, PeerEnvelope, SeenMessages } from "./peer-envelope.ts";

/** The options by which the nodes of an application reach each other over NATS. */
export interface PeersOverNatsOptions extends NatsConnectionOptions {
  /** The prefix of every subject; one for each application. Default "ls". */
  readonly prefix?: string;
  /**
   * The secret to seal messages with, at least 32 characters. Of several, the first seals and all open.
   * Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

const CALLER = "peersOverNats";
const TABLE = {
  ...CONNECTION_TABLE,
  prefix: PREFIX_ROW,
  secret: { kind: "unchecked" },
} as const satisfies OptionTable<PeersOverNatsOptions>;

/** The time limit of one attempt to connect, and of `open()`, in ms: applications start without NATS. */
const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MS = 1_000;
/** The time in which the other nodes reply to `joined`, in ms: far more than a round trip. */
const GATHERING_MS = 100;
/** The longest wait for an answer, in ms. Callers abort sooner; this frees the client's own state. */
const ASK_TIMEOUT_MS = 10_000;
/** A node is no longer asked after it had no subscriber for this long, in ms. */
const FORGET_AFTER_MS = 60_000;
/** The number of nodes that left to remember, the latest ones: more than a deploy replaces. */
const MAX_GONE = 1_024;
/** The number of requests to answer at the same time, which bounds memory. Further ones get no answer. */
const MAX_CONCURRENT = 256;

/**
 * Connects the nodes of an application over an existing NATS, with or without JetStream: for the option
 * `peers` of `createMemoryAdapter`. All messages are encrypted and authenticated with keys derived from
 * the application's secret, and cannot be replayed; the nodes' clocks must agree to within a minute. A
 * message is at most as large as the servers accept (`max_payload`, 1 MiB by default).
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOverNats(options: PeersOverNatsOptions): PeerNetwork {
  const { prefix, secret } = checkOptions(CALLER, options, TABLE);
  const source = connectionSource(CALLER, options, prefix);
  const envelope = new PeerEnvelope(secret);
  const seen = new SeenMessages();
  const known = new Set<NodeName>();
  const silences = new Silences();
  /** The nodes that have left, the oldest first. */
  const gone = new Set<NodeName>();
  let downSinceMs = performance.now();
  const requestsTo = (name: NodeName): string => `${prefix}.q.${name}`;
  const announcementsTo = (name?: NodeName): string =>
    name === undefined ? `${prefix}.h` : `${prefix}.h.${name}`;
  const closing = new AbortController();
  let self: NodeName = "";
  let handler: PeerHandler = () => undefined;
  let client: NatsConnection | undefined;
  let gathered = Promise.resolve();
  let answering = 0;

  const connection = new ManagedConnection(source, CONNECT_TIMEOUT_MS, {
    onUp(current) {
      if (client !== current) {
        client = current;
        listen(current, announcementsTo(), onAnnouncement);
        listen(current, announcementsTo(self), onAnnouncement);
        listen(current, requestsTo(self), (message) => void onRequest(message));
      }
      // Other nodes may have joined while the connection was down.
      announce("joined");
      gathered = new Promise((resolve) => {
        startTimeLimit(GATHERING_MS, resolve);
      });
    },
    onDown() {
      downSinceMs = performance.now();
    },
  });

  function announce(announcement: Announcement, name?: NodeName): void {
    client?.publish(announcementsTo(name), envelope.announcement(self, announcement, Date.now()));
  }

  function onAnnouncement(message: Msg): void {
    const opened = envelope.openAnnouncement(message.data);
    if (opened === undefined || !seen.isNew(opened.nonce, opened.sentAtMs, Date.now())) return;
    const { name, announcement } = opened.content;
    if (name === self) return;
    silences.end(name);
    if (announcement === "leaving") onLeaving(name);
    else known.add(name);
    if (announcement === "joined") announce("present", name);
  }

  function onLeaving(name: NodeName): void {
    known.delete(name);
    gone.add(name);
    const [oldest] = gone;
    if (gone.size > MAX_GONE && oldest !== undefined) gone.delete(oldest);
  }

  async function onRequest(message: Msg): Promise<void> {
    if (answering >= MAX_CONCURRENT || closing.signal.aborted) return;
    // A copy, because bytes from a socket are part of a larger buffer that the answer would retain.
    const sealed = Buffer.from(message.data);
    const opened = envelope.openRequest(self, sealed);
    if (opened === undefined || !seen.isNew(opened.nonce, opened.sentAtMs, Date.now())) return;
    answering += 1;
    try {
      const answer = await handler(opened.content);
      message.respond(envelope.answer(sealed, answer));
    } catch {
      // The connection broke, or the answer is too large for the servers: the peer times out.
    } finally {
      answering -= 1;
    }
  }

  async function ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply> {
    if (gone.has(node)) return { status: "gone" };
    const askedMs = performance.now();
    let outcome: AskOutcome | undefined;
    if (client !== undefined && connection.isUp && !signal.aborted) {
      const asking = outcomeOf(client, node, envelope.request(node, request, Date.now()));
      outcome = await unlessAborted(asking, AbortSignal.any([signal, closing.signal]));
    }
    if (typeof outcome === "object") return outcome;
    const hasSubscriber = outcome !== "no subscriber";
    const silentMs = silences.add(node, askedMs, hasSubscriber);
    if (!hasSubscriber && silentMs > FORGET_AFTER_MS) known.delete(node);
    return { status: "silent", silentMs };
  }

  /**
   * Sends a request. A node without a subscriber is not proven gone: it may be about to connect again,
   * or be connected to a server that is cut off. An answer ends the node's silence even if it is late.
   */
  async function outcomeOf(
    to: NatsConnection,
    node: NodeName,
    sealed: Buffer,
  ): Promise<AskOutcome> {
    try {
      const message = await to.request(requestsTo(node), sealed, { timeout: ASK_TIMEOUT_MS });
      silences.end(node);
      return { status: "answered", answer: envelope.openAnswer(sealed, message.data) };
    } catch (error) {
      return isNoSubscriber(error) ? "no subscriber" : "no answer";
    }
  }

  async function keepConnecting(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await connection.connected(PATIENT_CALLER);
        return;
      } catch {
        await waitFor(RECONNECT_MS);
      }
    }
  }

  return {
    async open(name, answer) {
      self = name;
      handler = answer;
      const connected = keepConnecting();
      await Promise.race([connected, waitFor(CONNECT_TIMEOUT_MS)]);
      await gathered;
    },
    async nodes(signal) {
      await unlessAborted(gathered, signal);
      return [...known];
    },
    ask,
    async askOthers(request, except, signal) {
      await unlessAborted(gathered, signal);
      if (!connection.isUp) {
        return { status: "silent", silentMs: performance.now() - downSinceMs };
      }
      const others = [...known].filter((node) => node !== except);
      return firstReply(others.map((node) => ask(node, request, signal)));
    },
    async close() {
      if (closing.signal.aborted) return;
      if (connection.isUp) announce("leaving");
      closing.abort();
      await client?.flush().catch(() => {});
      await connection.close();
    },
  };
}

type AskOutcome = PeerReply | "no subscriber" | "no answer";

/** A caller that waits for a connection without a time limit. */
const PATIENT_CALLER = {
  operation: "reaching peers",
  check() {},
  waits() {},
  until: <Value>(promise: Promise<Value>): Promise<Value> => promise,
};

/** The number of silent nodes to remember, the latest ones, which bounds memory. */
const MAX_SILENCES = 1_024;

/** Measures for how long nodes have not answered, since each was last heard from. */
class Silences {
  readonly #silences = new Map<NodeName, Silence>();

  /**
   * Records that a node asked at `askedMs` has not answered. Returns how long the node has been silent.
   * Without a subscriber the silence is unbroken: a node that connects again announces it.
   */
  add(node: NodeName, askedMs: number, hasSubscriber: boolean): number {
    const silence = extendSilence(this.#silences.get(node), askedMs, !hasSubscriber);
    this.#silences.delete(node);
    this.#silences.set(node, silence);
    const [oldest] = this.#silences.keys();
    if (this.#silences.size > MAX_SILENCES && oldest !== undefined) this.#silences.delete(oldest);
    return silence.lastMs - silence.sinceMs;
  }

  /** Ends a node's silence: a message of the node has arrived. */
  end(node: NodeName): void {
    this.#silences.delete(node);
  }
}

function listen(connection: NatsConnection, subject: string, handle: (message: Msg) => void): void {
  connection.subscribe(subject, {
    callback(error, message) {
      if (error === null) handle(message);
    },
  });
}

function waitFor(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function isNoSubscriber(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "NoRespondersError" ||
      (error.cause instanceof Error && error.cause.name === "NoRespondersError"))
  );
}
