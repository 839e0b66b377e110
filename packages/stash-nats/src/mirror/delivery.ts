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
