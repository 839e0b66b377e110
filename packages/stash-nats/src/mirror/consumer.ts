import { randomBytes } from "node:crypto";
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Subjects } from "../stream/message.ts";

export interface ConsumerOrder {
  readonly manager: JetStreamManager;
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly info: StreamInfo;
  /** The first message that is wanted. */
  readonly startSeq: number;
  /** Takes time to have it run where this node is connected. */
  readonly isPlaced: boolean;
  readonly onDelivery: (message: Msg, delivery: Delivery) => void;
  /** There is nothing, and all is well. */
  readonly onIdle: () => void;
  /** Messages are missing, or the consumer is gone. */
  readonly onBroken: () => void;
}

/** What a consumer of the stream tells the mirror, in order and without gaps. */
export interface MirrorConsumer {
  /** How many messages there were for it when it was made. */
  readonly pending: number;
  stop(): void;
}

const NS_PER_MS = 1_000_000;
const IDLE_HEARTBEAT_MS = 10_000;
const INACTIVE_MS = 30_000;
/** A third of the attempts hits, where there are three servers. */
const PLACEMENTS = 8;
const NAME_BYTES = 6;

/**
 * Makes a consumer that pushes, without acknowledgements and on one server only: if that goes, another
 * one begins where this one ended.
 *
 * Servers choose at random which of the stream's servers runs it. What runs where this node is
 * connected costs the network nothing, so others are given back.
 */
export async function openConsumer(order: ConsumerOrder): Promise<MirrorConsumer> {
  const { connection, info, isPlaced } = order;
  const home = connection.info?.server_name;
  const { leader, replicas = [] } = info.cluster ?? {};
  const isHomePossible = [leader, ...replicas.map(({ name }) => name)].includes(home);
  const attempts = isPlaced && isHomePossible ? PLACEMENTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    const { consumer, stop } = await open(order);
    const isHome = consumer.cluster?.leader === undefined || consumer.cluster.leader === home;
    if (isHome || attempt >= attempts) return { pending: consumer.num_pending, stop };
    stop();
    await order.manager.consumers.delete(info.config.name, consumer.name);
  }
}

async function open(
  order: ConsumerOrder,
): Promise<{ readonly consumer: ConsumerInfo; readonly stop: () => void }> {
  const { manager, connection, subjects, info, startSeq } = order;
  const name = randomBytes(NAME_BYTES).toString("base64url");
  const deliverySubject = subjects.delivery(name);
  const subscription = subscribe(order, deliverySubject);
  const stop = (): void => {
    // A connection that is closed has none any more.
    if (!connection.isClosed()) subscription.unsubscribe();
  };
  try {
    const consumer = await manager.consumers.add(info.config.name, {
      name,
      deliver_subject: deliverySubject,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: startSeq,
      ack_policy: AckPolicy.None,
      num_replicas: 1,
      mem_storage: true,
      flow_control: true,
      idle_heartbeat: IDLE_HEARTBEAT_MS * NS_PER_MS,
      inactive_threshold: INACTIVE_MS * NS_PER_MS,
    });
    return { consumer, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function subscribe(order: ConsumerOrder, subject: string): Subscription {
  const { connection, onDelivery, onIdle, onBroken } = order;
  let count = 0;
  return connection.subscribe(subject, {
    callback(error, message) {
      if (error !== null) return;
      const delivery = parseDelivery(message.reply);
      if (delivery === undefined) {
        if (heed(connection, message, count)) onIdle();
        else onBroken();
        return;
      }
      if (delivery.count !== count + 1) {
        onBroken();
        return;
      }
      count = delivery.count;
      onDelivery(message, delivery);
    },
  });
}

/** Heeds a word of JetStream; `false` if it tells that something is missing. */
function heed(connection: NatsConnection, { headers, reply }: Msg, count: number): boolean {
  if (headers?.code !== 100) return false;
  // "Go on" is what a consumer waits for that has sent much.
  const goOnSubject =
    reply === undefined || reply === "" ? headers.get("Nats-Consumer-Stalled") : reply;
  if (goOnSubject !== "") connection.publish(goOnSubject);
  const lastCount = headers.get("Nats-Last-Consumer");
  return lastCount === "" || Number(lastCount) === count;
}

/** What JetStream says of a message that it delivers, in the subject for its acknowledgement. */
export interface Delivery {
  readonly seq: number;
  /** The how many-th one for this consumer, from 1. */
  readonly count: number;
  readonly storedAtMs: number;
  /** How many are still to come, as far as was known then. */
  readonly pending: number;
}

const ACK = "$JS.ACK.";
/** `$JS.ACK.stream.consumer.deliveries.seq.count.timestamp.pending` */
const TOKENS = 9;
/** `$JS.ACK.domain.account.stream.consumer.deliveries.seq.count.timestamp.pending.token` */
const LONG_TOKENS = 12;

/** `undefined` for what is no delivery, but a word of JetStream itself. */
export function parseDelivery(reply: string | undefined): Delivery | undefined {
  if (reply?.startsWith(ACK) !== true) return undefined;
  const tokens = reply.split(".");
  const seqAt = tokens.length >= LONG_TOKENS ? 7 : TOKENS - 4;
  const [seq, count, storedAtNs, pending] = tokens.slice(seqAt, seqAt + 4);
  if (pending === undefined) return undefined;
  return {
    seq: Number(seq),
    count: Number(count),
    storedAtMs: Math.floor(Number(storedAtNs) / 1_000_000),
    pending: Number(pending),
  };
}

/** So many of a stream's last messages are remembered: it is enough if servers still have one of them. */
const KEPT = 8;

/**
 * Tells whether a stream goes on where this node has left it. Servers that have lost what they had in
 * memory begin at 1 again, under the same name; once they have stored as many messages as before, the
 * sequence alone does not show it. So a consumer begins with the last messages that are known, and one
 * of them must come again, with the time at which it was stored.
 */
export class SeenDeliveries {
  #seen: { readonly seq: number; readonly storedAtMs: number }[] = [];
  #isCertain = true;

  /** Where to begin, to see a message again; `undefined` if none is known. */
  get firstSeq(): number | undefined {
    return this.#seen[0]?.seq;
  }

  /** From now on another consumer delivers. */
  beginAgain(): void {
    this.#isCertain = this.#seen.length === 0;
  }

  clear(): void {
    this.#seen = [];
    this.#isCertain = true;
  }

  /** Takes note of a delivery; `false` if the stream is not the one that was known, or may not be. */
  isKnownStream(seq: number, storedAtMs: number): boolean {
    const last = this.#seen.at(-1);
    if (last !== undefined && seq <= last.seq) {
      const known = this.#seen.find((each) => each.seq === seq);
      if (known !== undefined && known.storedAtMs === storedAtMs) {
        this.#isCertain = true;
        return true;
      }
      // What came before the first that is known says nothing.
      return this.#isCertain || seq < (this.firstSeq ?? 0);
    }
    if (!this.#isCertain) return false;
    this.#seen.push({ seq, storedAtMs });
    if (this.#seen.length > KEPT) this.#seen.shift();
    return true;
  }
}
