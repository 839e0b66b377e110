import type { MaybePromise } from "../store/adapter.ts";

/** Names one process among its peers: 11 characters of base64url (64 random bits), made up at its start. */
export type NodeName = string;

/** How long a `NodeName` is. */
export const NODE_NAME_CHARACTERS = 11;

/** Answers a request of a peer; `undefined`, or no bytes: it has nothing to say. Never throws or rejects. */
export type PeerHandler = (request: Uint8Array) => MaybePromise<Uint8Array | undefined>;

/** The reply of a peer that was asked, or of all others. */
export type PeerReply<Answer = Uint8Array> =
  /** The peer answered; with `undefined` it has nothing to say. Of all others: nobody has. */
  | { readonly status: "answered"; readonly answer: Answer | undefined }
  /** No such process is there any more: its place is empty, or another process answers there. */
  | { readonly status: "gone" }
  /**
   * The peer did not answer, and may be there: it is frozen, slow or cut off. `silentMs` says for how
   * long it has been asked in vain, since it was last heard of. Of all others: the one that has been
   * silent for the shortest time.
   */
  | { readonly status: "silent"; readonly silentMs: number };

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
   * Asks one node. Settles at the latest when the signal is aborted, with `silent`; `gone` MUST be
   * known, as what only that node has is given up then. Never rejects.
   */
  ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply>;
  /**
   * Asks all others at once, except one: the first answer that is not `undefined`, or, once nobody is
   * left who could give one or the signal is aborted, `silent` if somebody was, and `answered` with
   * `undefined` if nobody was. Never rejects.
   */
  askOthers(
    request: Uint8Array,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply>;
  /** Stops answering and asking; requests under way end with `silent`. The process can exit then. */
  close(): Promise<void>;
}

/** The largest request or answer between peers, in bytes: 8 MiB, room for the largest record. */
export const MAX_PEER_MESSAGE_BYTES = 8_388_608;
