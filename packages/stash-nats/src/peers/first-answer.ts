import type { PeerReply } from "live-stash";

/** The first answer that is not `undefined`; once there can be none, whether somebody was silent. */
export function firstAnswer(replies: readonly Promise<PeerReply>[]): Promise<PeerReply> {
  return new Promise((resolve) => {
    let left = replies.length;
    let silentMs = Infinity;
    const settle = (): void => {
      if (left > 0) return;
      if (silentMs === Infinity) resolve({ status: "answered", answer: undefined });
      else resolve({ status: "silent", silentMs });
    };
    settle();
    for (const asked of replies) {
      void asked.then((reply) => {
        left -= 1;
        if (reply.status === "answered" && reply.answer !== undefined) resolve(reply);
        if (reply.status === "silent") silentMs = Math.min(silentMs, reply.silentMs);
        settle();
      });
    }
  });
}
