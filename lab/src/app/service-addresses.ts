/** The addresses of an adapter's service or peers. */
export interface ServiceAddresses {
  readonly redisUrl: string | undefined;
  /** Separated by commas. */
  readonly natsUrl: string | undefined;
  /** The port at which this node's memory adapter listens for its peers. */
  readonly peerPort: number | undefined;
  /** The addresses of all nodes' memory adapters, this one's too, such as `http://127.0.0.1:4101`. */
  readonly peers: readonly string[];
}

/** Returns the ports of all nodes' memory adapters, this one's too. */
export const peerPortsOf = ({ peers }: ServiceAddresses): readonly number[] =>
  peers.map((node) => Number(new URL(node).port));

/** @throws Error if `REDIS_URL` is not set. */
export const redisUrlOf = ({ redisUrl }: ServiceAddresses): string =>
  required(redisUrl, "REDIS_URL");

/** @throws Error if `NATS_URL` is not set. */
export const natsServersOf = ({ natsUrl }: ServiceAddresses): readonly string[] =>
  required(natsUrl, "NATS_URL").split(",");

function required(value: string | undefined, variable: string): string {
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `Starting a node of the lab: expected ${variable} to be set for this adapter, got nothing.`,
  );
}
