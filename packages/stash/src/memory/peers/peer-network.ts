import type { MaybePromise } from "../../adapter.ts";

/** Names one process among its peers: 11 characters of base64url (64 random bits), made up at its start. */
export type NodeName = string;

/** How long a `NodeName` is. */
export const NODE_NAME_CHARACTERS = 11;

/** Answers a request of a peer; `undefined`, or no bytes: it has nothing to say. Never throws or rejects. */
export type PeerHandler = (request: Uint8Array) => MaybePromise<Uint8Array | undefined>;

/**
 * How the nodes of an application reach each other.
 *
 * The network authenticates both sides, keeps what is said secret, and lets no request be
 * replayed: whoever asks or answers over it belongs to the application. What is said is the
 * memory adapter's affair. Requests and answers have at most `MAX_PEER_MESSAGE_BYTES`.
 */
export interface PeerNetwork {
  /** From now on this node answers its peers. Called once, before anything else. */
  open(name: NodeName, answer: PeerHandler): MaybePromise<void>;
  /** The other nodes that can be reached at the moment, as far as is known. Never rejects. */
  nodes(signal: AbortSignal): Promise<readonly NodeName[]>;
  /**
   * Asks one node. `undefined`: it is unknown, can not be reached, did not answer before the signal
   * was aborted, or had nothing to say. Never rejects.
   */
  ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * Asks all others at once, except one; the first answer that is not `undefined`, or `undefined`
   * once nobody is left who could give one, or the signal was aborted. Never rejects.
   */
  askOthers(
    request: Uint8Array,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /** Stops answering and asking; requests under way end with `undefined`. The process can exit then. */
  close(): Promise<void>;
}

/** The largest request or answer between peers, in bytes: 8 MiB, room for the largest record. */
export const MAX_PEER_MESSAGE_BYTES = 8_388_608;
