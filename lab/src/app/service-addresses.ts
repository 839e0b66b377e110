/** What an adapter needs to know to find its service, or its peers. */
export interface ServiceAddresses {
  readonly redisUrl: string | undefined;
  /** Separated by commas. */
  readonly natsUrl: string | undefined;
  /** Where this node answers its peers in memory. */
  readonly peerPort: number | undefined;
  /** Where all nodes do, this one too, such as `http://127.0.0.1:4101`. */
  readonly peers: readonly string[];
}

/** The ports at which nodes answer each other, this one's too. */
export const peerPortsOf = ({ peers }: ServiceAddresses): readonly number[] =>
  peers.map((node) => Number(new URL(node).port));

/** @throws Error where Redis is not to be had. */
export const redisUrlOf = ({ redisUrl }: ServiceAddresses): string =>
  required(redisUrl, "REDIS_URL");

/** @throws Error where there is no NATS server. */
export const natsServersOf = ({ natsUrl }: ServiceAddresses): readonly string[] =>
  required(natsUrl, "NATS_URL").split(",");

function required(value: string | undefined, variable: string): string {
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `Starting a node of the lab: expected ${variable} to be set for this adapter, found nothing.`,
  );
}
