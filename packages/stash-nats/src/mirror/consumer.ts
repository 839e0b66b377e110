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

export interface ConsumerOptions {
  readonly manager: JetStreamManager;
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly info: StreamInfo;
  /** The sequence of the first message to deliver. */
  readonly startSeq: number;
  /** Whether to retry until the consumer runs on the server that this node is connected to. */
  readonly isPlaced: boolean;
  readonly onDelivery: (message: Msg, delivery: Delivery) => void;
  /** Called for a heartbeat of the consumer when it has nothing to deliver. */
  readonly onIdle: () => void;
  /** Called when messages were missed, or the consumer is gone. */
  readonly onBroken: () => void;
}

/** A consumer that delivers the stream to the mirror, in order and without gaps. */
export interface MirrorConsumer {
  /** The number of messages to deliver when the consumer was created. */
  readonly pending: number;
  stop(): void;
}

const NS_PER_MS = 1_000_000;
/** The interval of an idle consumer's heartbeats, in ms. The feed tolerates two missed ones. */
const IDLE_HEARTBEAT_MS = 10_000;
/** The servers delete a consumer after this long without its node: three heartbeats. */
const INACTIVE_MS = 30_000;
/** With three servers each attempt has a 1/3 chance of landing on ours: 8 attempts reach it with 96 %. */
const PLACEMENT_ATTEMPTS = 8;
/** Bytes of a consumer's name: it is unique among all consumers of the stream. */
const NAME_BYTES = 6;

/**
 * Creates a push consumer without acknowledgements, on one server only: if that server ends, the caller
 * opens another consumer where this one stopped.
 *
 * The servers choose at random which of them runs the consumer. One that runs on the server that this
 * node is connected to costs no traffic between servers, so the others are deleted and created again.
 */
export async function openConsumer(options: ConsumerOptions): Promise<MirrorConsumer> {
  const { manager, connection, info, isPlaced } = options;
  const home = connection.info?.server_name;
  const { leader, replicas = [] } = info.cluster ?? {};
  const isHomePossible = [leader, ...replicas.map(({ name }) => name)].includes(home);
  const attempts = isPlaced && isHomePossible ? PLACEMENT_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt += 1) {
    const { consumer, stop } = await open(options);
    const isHome = consumer.cluster?.leader === undefined || consumer.cluster.leader === home;
    if (isHome || attempt >= attempts) return { pending: consumer.num_pending, stop };
    stop();
    await manager.consumers.delete(info.config.name, consumer.name);
  }
}

async function open(
  options: ConsumerOptions,
): Promise<{ readonly consumer: ConsumerInfo; readonly stop: () => void }> {
  const { manager, connection, subjects, info, startSeq } = options;
  const name = randomBytes(NAME_BYTES).toString("base64url");
  const deliverySubject = subjects.delivery(name);
  const subscription = subscribe(options, deliverySubject);
  const stop = (): void => {
    // A closed connection has no subscriptions, and throws.
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

function subscribe(options: ConsumerOptions, subject: string): Subscription {
  const { connection, onDelivery, onIdle, onBroken } = options;
  let count = 0;
  return connection.subscribe(subject, {
    callback(error, message) {
      if (error !== null) return;
      const delivery = parseDelivery(message.reply);
      if (delivery === undefined) {
        if (handleControl(connection, message, count)) onIdle();
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

/**
 * Handles a control message of JetStream (flow control, heartbeat). Returns `false` if it shows that
 * messages were missed.
 */
function handleControl(
  connection: NatsConnection,
  { headers, reply }: Msg,
  count: number,
): boolean {
  if (headers?.code !== 100) return false;
  // A consumer that has sent much pauses until the client answers on this subject.
  const resumeSubject =
    reply === undefined || reply === "" ? headers.get("Nats-Consumer-Stalled") : reply;
  if (resumeSubject !== "") connection.publish(resumeSubject);
  const lastCount = headers.get("Nats-Last-Consumer");
  return lastCount === "" || Number(lastCount) === count;
}

/** The metadata of a delivered message, which JetStream puts into the subject of its acknowledgement. */
export interface Delivery {
  readonly seq: number;
  /** The consumer's own sequence, starting at 1. */
  readonly count: number;
  readonly storedAtMs: number;
  /** The number of messages that were still to be delivered. */
  readonly pending: number;
}

const ACK = "$JS.ACK.";
/** `$JS.ACK.stream.consumer.deliveries.seq.count.timestamp.pending` */
const TOKENS = 9;
/** `$JS.ACK.domain.account.stream.consumer.deliveries.seq.count.timestamp.pending.token` */
const LONG_TOKENS = 12;

/** Parses the reply subject of a delivery; `undefined` for a control message of JetStream. */
export function parseDelivery(reply: string | undefined): Delivery | undefined {
  if (reply?.startsWith(ACK) !== true) return undefined;
  const tokens = reply.split(".");
  const seqAt = tokens.length >= LONG_TOKENS ? 7 : TOKENS - 4;
  const [seq, count, storedAtNs, pending] = tokens.slice(seqAt, seqAt + 4);
  if (pending === undefined) return undefined;
  return {
    seq: Number(seq),
    count: Number(count),
    storedAtMs: Math.floor(Number(storedAtNs) / NS_PER_MS),
    pending: Number(pending),
  };
}
