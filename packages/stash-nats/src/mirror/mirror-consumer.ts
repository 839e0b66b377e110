import { randomBytes } from "node:crypto";
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Subjects } from "../stream/subjects.ts";
import { type Delivery, parseDelivery } from "./delivery.ts";

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
