import type { MaybePromise } from "../store/adapter.ts";

/** The name of one process among its peers: 11 base64url characters, 64 random bits chosen at its start. */
export type NodeName = string;

/** The length of a `NodeName`. */
export const NODE_NAME_CHARACTERS = 11;

/** Answers a request of a peer. `undefined` or no bytes stand for no answer. Never throws or rejects. */
export type PeerHandler = (request: Uint8Array) => MaybePromise<Uint8Array | undefined>;

/** The reply of one peer, or of all others together. */
export type PeerReply<Answer = Uint8Array> =
  /** The peer replied; `undefined` if it has no answer. Of all others: no node has one. */
  | { readonly status: "answered"; readonly answer: Answer | undefined }
  /** The process does not exist any more: nothing listens at its address, or another process does. */
  | { readonly status: "gone" }
  /**
   * The peer did not reply, but may be alive: frozen, slow or cut off. `silentMs` is the time from
   * the first request that the peer did not answer since its last reply. Of all others: the
   * shortest such time.
   */
  | { readonly status: "silent"; readonly silentMs: number };

/**
 * The network by which the nodes of an application reach each other.
 *
 * The network authenticates both sides, encrypts requests and answers, and rejects replayed
 * requests: every node that asks or answers over it belongs to the application. It does not know
 * what messages mean. A request or an answer has at most `MAX_PEER_MESSAGE_BYTES`.
 */
export interface PeerNetwork {
  /** Starts answering peers. Called once, before anything else. */
  open(name: NodeName, answer: PeerHandler): MaybePromise<void>;
  /** Returns the other nodes that can be reached, as far as is known. Never rejects. */
  nodes(signal: AbortSignal): Promise<readonly NodeName[]>;
  /**
   * Asks one node. Resolves with `silent` at the latest when the signal is aborted. `gone` MUST be
   * certain: the stashes that only that node has are given up then. Never rejects.
   */
  ask(node: NodeName, request: Uint8Array, signal: AbortSignal): Promise<PeerReply>;
  /**
   * Asks all other nodes at once, except one. Resolves with the first answer that is not
   * `undefined`. Once no node is left that could give one, or the signal is aborted, resolves with
   * `silent` if a node was silent, and otherwise with `answered` and `undefined`. Never rejects.
   */
  askOthers(
    request: Uint8Array,
    except: NodeName | undefined,
    signal: AbortSignal,
  ): Promise<PeerReply>;
  /** Stops answering and asking. Running requests resolve with `silent`. The process can exit then. */
  close(): Promise<void>;
}

/**
 * The largest request or answer between peers, in bytes: 8 MiB, so that the largest record and a
 * batch fit.
 */
export const MAX_PEER_MESSAGE_BYTES = 8_388_608;

/**
 * Returns the first reply with an answer that is not `undefined`. If there is none, once all have
 * replied: `silent` with the shortest silence if a node was silent, otherwise `answered` with
 * `undefined`.
 */
export function firstReply<Answer>(
  replies: readonly Promise<PeerReply<Answer>>[],
): Promise<PeerReply<Answer>> {
  return new Promise((resolve, reject) => {
    let left = replies.length;
    let silentMs: number | undefined;
    const resolveIfLast = (): void => {
      if (left > 0) return;
      if (silentMs === undefined) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    resolveIfLast();
    for (const each of replies) {
      each.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs ?? Infinity, reply.silentMs);
        resolveIfLast();
      }, reject);
    }
  });
}
