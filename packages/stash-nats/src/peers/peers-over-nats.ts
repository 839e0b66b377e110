import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { startTimeLimit } from "live-stash/adapter";
import type { NodeName, PeerHandler, PeerNetwork, PeerReply } from "live-stash/peers";
import { type LinkSource, NatsLink } from "../connection/nats-connection.ts";
import { type Greeting, PeerEnvelope, SeenMessages } from "./peer-envelope.ts";
import { Silences } from "./silences.ts";
import {
  type NatsSourceOptions,
  parseSource,
  SOURCE_OPTIONS,
} from "../connection/connection-options.ts";
import { wrongOption } from "../nats-errors.ts";

const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MS = 1_000;
/** After so long, whoever is there has said so. */
const GATHERING_MS = 100;
/** Nobody waits longer for an answer. */
const ASK_TIMEOUT_MS = 10_000;
/** A node for which nobody has listened for so long is not asked any more, in ms. */
const FORGOTTEN_MS = 60_000;
/** Of how many nodes that went it is remembered that they did. */
const MAX_GONE = 1_024;
/** How many requests are answered at once; more get no answer. */
const MAX_CONCURRENT = 256;

/**
 * Connects the nodes of an application over a NATS that runs already, JetStream or not: for the option
 * `peers` of `createMemoryAdapter`. Everything is encrypted and authenticated with keys that are derived
 * from the application's secret, and cannot be replayed; the clocks of nodes must agree to within a
 * minute. A message is at most what the servers take (`max_payload`, 1 MiB by default).
 *
 * Throws a `StashError` with `invalid_option`, or `missing_secret` in production.
 */
export function peersOverNats(options: PeersOverNatsOptions): PeerNetwork {
  const { source, prefix, secret } = parsePeersOptions(options);
  const envelope = new PeerEnvelope(secret);
  const seen = new SeenMessages();
  const known = new Set<NodeName>();
  const silences = new Silences();
  /** Nodes that said that they go, the oldest first. */
  const gone = new Set<NodeName>();
  let downSinceMs = performance.now();
  const requestsTo = (name: NodeName): string => `${prefix}.q.${name}`;
  const greetingsTo = (name?: NodeName): string =>
    name === undefined ? `${prefix}.h` : `${prefix}.h.${name}`;
  const closing = new AbortController();
  let self: NodeName = "";
  let handler: PeerHandler = () => undefined;
  let connection: NatsConnection | undefined;
  let gathered = Promise.resolve();
  let underWay = 0;

  const link = new NatsLink(source, CONNECT_TIMEOUT_MS, {
    onUp(now) {
      if (connection !== now) {
        connection = now;
        listen(now, greetingsTo(), onGreeting);
        listen(now, greetingsTo(self), onGreeting);
        listen(now, requestsTo(self), (message) => void onRequest(message));
      }
      // Also after a pause, in which others came.
      greet("who is there");
      gathered = new Promise((resolve) => {
        startTimeLimit(GATHERING_MS, resolve);
      });
    },
    onDown() {
      downSinceMs = performance.now();
    },
  });

  function greet(greeting: Greeting, name?: NodeName): void {
    connection?.publish(greetingsTo(name), envelope.greeting(self, greeting, Date.now()));
  }

  function onGreeting(message: Msg): void {
    const opened = envelope.openGreeting(message.data);
    if (opened === undefined || !seen.isNew(opened.once, opened.sentAtMs, Date.now())) return;
    const { name, greeting } = opened.content;
    if (name === self) return;
    silences.end(name);
    if (greeting === "I am going") onGoodbye(name);
    else known.add(name);
    if (greeting === "who is there") greet("here I am", name);
  }

  function onGoodbye(name: NodeName): void {
    known.delete(name);
    gone.add(name);
    const [oldest] = gone;
    if (gone.size > MAX_GONE && oldest !== undefined) gone.delete(oldest);
  }

  async function onRequest(message: Msg): Promise<void> {
    if (underWay >= MAX_CONCURRENT || closing.signal.aborted) return;
    // A copy: the bytes of a socket are a part of something larger, and the answer comes later.
    const sealed = Buffer.from(message.data);
    const opened = envelope.openRequest(self, sealed);
    if (opened === undefined || !seen.isNew(opened.once, opened.sentAtMs, Date.now())) return;
    underWay += 1;
    try {
      const answer = await handler(opened.content);
      message.respond(envelope.answer(sealed, answer));
    } catch {
      // The connection is gone, or the answer too large: whoever asked gets none.
    } finally {
      underWay -= 1;
    }
  }

  async function ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply> {
    if (gone.has(node)) return { status: "gone" };
    const askedMs = performance.now();
    let outcome: AskOutcome | undefined;
    if (connection !== undefined && link.isUp && !signal.aborted) {
      const asked = outcomeOf(connection, node, envelope.request(node, request, Date.now()));
      outcome = await untilAborted(asked, AbortSignal.any([signal, closing.signal]));
    }
    if (typeof outcome === "object") return outcome;
    const isEmpty = outcome === "nobody there";
    const silentMs = silences.add(node, askedMs, performance.now(), isEmpty);
    if (isEmpty && silentMs > FORGOTTEN_MS) known.delete(node);
    return { status: "silent", silentMs };
  }

  /**
   * That nobody is there is no proof that the node is gone: it may be about to connect again, or be
   * connected to a server that is cut off. An answer that comes late ends a silence all the same.
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
      return isNobodyThere(error) ? "nobody there" : "no answer";
    }
  }

  async function connectForEver(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await link.connection(PATIENT);
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
      const connected = connectForEver();
      // A NATS that is away must not keep an application from starting.
      await Promise.race([connected, waitFor(CONNECT_TIMEOUT_MS)]);
      await gathered;
    },
    async nodes(signal) {
      await untilAborted(gathered, signal);
      return [...known];
    },
    ask,
    async askOthers(request, except, signal) {
      await untilAborted(gathered, signal);
      if (!link.isUp) return { status: "silent", silentMs: performance.now() - downSinceMs };
      const others = [...known].filter((node) => node !== except);
      return firstAnswer(others.map((node) => ask(node, request, signal)));
    },
    async close() {
      if (closing.signal.aborted) return;
      if (link.isUp) greet("I am going");
      closing.abort();
      await connection?.flush().catch(() => {});
      await link.close();
    },
  };
}

type AskOutcome = PeerReply | "nobody there" | "no answer";

const PATIENT = {
  operation: "reaching peers",
  check() {},
  waits() {},
  until: <Value>(promise: Promise<Value>): Promise<Value> => promise,
};

function listen(connection: NatsConnection, subject: string, heed: (message: Msg) => void): void {
  connection.subscribe(subject, {
    callback(error, message) {
      if (error === null) heed(message);
    },
  });
}

function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const give = (value?: Value): void => {
      signal.removeEventListener("abort", onAbort);
      resolve(value);
    };
    const onAbort = (): void => give();
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) give();
    promise.then(give, () => give());
  });
}

function waitFor(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function isNobodyThere(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "NoRespondersError" ||
      (error.cause instanceof Error && error.cause.name === "NoRespondersError"))
  );
}

/** The first answer that is not `undefined`; once there can be none, whether somebody was silent. */
function firstAnswer(replies: readonly Promise<PeerReply>[]): Promise<PeerReply> {
  return new Promise((resolve) => {
    let left = replies.length;
    let silentMs = Infinity;
    const settle = (): void => {
      if (left > 0) return;
      if (silentMs === Infinity) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    settle();
    for (const asked of replies) {
      void asked.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs, reply.silentMs);
        settle();
      });
    }
  });
}

/** How the nodes of an application reach each other over NATS. */
export interface PeersOverNatsOptions extends NatsSourceOptions {
  /** What every subject begins with; one for each application. Default "ls". */
  readonly prefix?: string;
  /**
   * What everything is sealed with. At least 32 characters. Several: the first seals, all open.
   * Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

interface PeersOverNatsSettings {
  readonly source: LinkSource;
  readonly prefix: string;
  readonly secret: string | readonly string[] | undefined;
}

const of = "peersOverNats";
const OPTIONS: readonly string[] = [...SOURCE_OPTIONS, "prefix", "secret"];

/** Rejects with `invalid_option`. */
function parsePeersOptions(options: PeersOverNatsOptions): PeersOverNatsSettings {
  if (typeof options !== "object" || options === null) {
    throw wrongOption(of, "options", "an object", typeof options);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw wrongOption(of, unknown, `one of ${OPTIONS.join(", ")}`, "another name");
  }
  const prefix: unknown = options.prefix ?? "ls";
  if (typeof prefix !== "string" || !/^[\w-]{1,32}$/.test(prefix)) {
    throw wrongOption(of, "prefix", "1 to 32 characters of A-Z a-z 0-9 _ -", "others");
  }
  return { source: parseSource(of, options, prefix), prefix, secret: options.secret };
}
