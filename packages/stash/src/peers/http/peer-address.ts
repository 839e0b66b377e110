import type { RequestOptions } from "node:http";

/** Where a node can be reached. */
export interface PeerAddress {
  /** The same for the same place. */
  readonly key: string;
  readonly target: Pick<RequestOptions, "host" | "port" | "path" | "socketPath">;
}

/** Finds out where the nodes of an application are. */
export interface PeerDirectory {
  /**
   * `isUrgent`: somebody is missed who may be new. `undefined`: the addresses could not be read. Never
   * rejects.
   */
  addresses(isUrgent: boolean): Promise<readonly PeerAddress[] | undefined>;
  /** Nobody listens there. */
  lost?(address: PeerAddress): void;
}
