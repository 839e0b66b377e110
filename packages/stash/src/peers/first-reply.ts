import type { PeerReply } from "./peer-network.ts";

/**
 * The first reply with an answer that is not `undefined`. Without one, once all have replied: `silent`,
 * with the shortest silence, if one of them was, else `answered` with `undefined`.
 */
export function firstReply<Answer>(
  asked: readonly Promise<PeerReply<Answer>>[],
): Promise<PeerReply<Answer>> {
  return new Promise((resolve, reject) => {
    let left = asked.length;
    let silentMs: number | undefined;
    const settleIfAllReplied = (): void => {
      if (left > 0) return;
      if (silentMs === undefined) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    settleIfAllReplied();
    for (const asking of asked) {
      asking.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs ?? Infinity, reply.silentMs);
        settleIfAllReplied();
      }, reject);
    }
  });
}
