import { MAX_MARKERS } from "../stream/stash-stream.ts";
import type { MirrorEntry, Uncounted } from "./mirror-entry.ts";

/** A stash of which no more is known than which message about it was the last one that counts. */
const NOTHING = {
  owner: "",
  lease: { deadlineMs: 0, node: undefined, lengthMs: 0 },
  record: Buffer.alloc(0),
  messagesSince: 0,
  uncounted: undefined,
  unknownUntilMs: undefined,
} as const;

/** What a message that counts makes of a stash. */
export function entryAfter(before: MirrorEntry | undefined, counted: Uncounted): MirrorEntry {
  const { seq, message, storedAtMs } = counted;
  if (message.kind === "gone") return { seq, ...NOTHING, stateSeq: seq, stateAtMs: storedAtMs };
  if (message.kind === "state") {
    const { owner, lease, record } = message;
    return {
      seq,
      owner,
      lease,
      record,
      messagesSince: 0,
      stateSeq: seq,
      unknownUntilMs: undefined,
      stateAtMs: storedAtMs,
      uncounted: undefined,
    };
  }
  const followed = followedBy(before, message.followsSeq);
  // The servers let go of its state before this mirror came: there is a newer one to come.
  if (followed === undefined || followed.owner === "") {
    const messagesSince = (before?.messagesSince ?? 0) + 1;
    const unknownUntilMs = message.lease.deadlineMs;
    return { seq, ...NOTHING, stateSeq: seq, stateAtMs: storedAtMs, messagesSince, unknownUntilMs };
  }
  const { owner = followed.owner, lease } = message;
  const messagesSince = followed.messagesSince + 1;
  return { ...followed, seq, owner, lease, messagesSince };
}

/** The stash as it was after the message with that sequence. */
function followedBy(before: MirrorEntry | undefined, seq: number): MirrorEntry | undefined {
  if (before === undefined || before.seq === seq) return before;
  const counted = before.uncounted?.find((uncounted) => uncounted.seq === seq);
  if (counted === undefined) return undefined;
  // How many came since is not known any more, so the next message is a state.
  return { ...entryAfter(before, counted), messagesSince: MAX_MARKERS };
}
