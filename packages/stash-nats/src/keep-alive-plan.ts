import type { KeepAliveRequest } from "live-stash";
import type { Mirror } from "./mirror/mirror.ts";
import { isOld } from "./stash-changes.ts";
import { ownerKey } from "./stream/owner-key.ts";
import type { SignOfLife } from "./stream/stash-message.ts";
import { stashName } from "./stream/subjects.ts";

/** How the deadlines of many stashes are put off with as few messages as can be. */
export interface KeepAlivePlan {
  /** One message for all that this node leased and is asked to keep. `undefined`: it fits nothing. */
  readonly sign: SignOfLife | undefined;
  /** The requests that the sign of life is for, by index. */
  readonly covered: readonly number[];
  /** Those that need a message each. */
  readonly single: readonly number[];
  /** Whether these are put off by later signs of life. If not, their views have ended. */
  readonly isLeased: boolean;
  /** Stashes that the sign must not put off: their deadlines are made final before. */
  readonly strays: readonly string[];
}

/** How far a deadline may be from the one that was asked for: so much of its length, and no more. */
const TOLERANCE = 1 / 128;
const MAX_TOLERANCE_MS = 1_000;

export function planKeepAlive(
  requests: readonly KeepAliveRequest[],
  mirror: Mirror,
  nowMs: number,
  maxTtlMs: number,
): KeepAlivePlan {
  // Views that have ended: no later sign of life may put these deadlines off.
  if (requests.some(({ isFinal }) => isFinal)) return eachByItself(requests);
  const covered: number[] = [];
  const single: number[] = [];
  const names = new Set<string>();
  let timeMs = Infinity;
  for (const [index, request] of requests.entries()) {
    const name = stashName(request.id);
    const signMs = signTimeMs(name, request);
    if (signMs === undefined) {
      single.push(index);
    } else {
      covered.push(index);
      names.add(name);
      timeMs = Math.min(timeMs, signMs);
    }
  }
  // A request alone must not have all others put off with it.
  const strayCount = mirror.own.size - names.size;
  const isWorthIt =
    strayCount + single.length < requests.length || (requests.length > 1 && strayCount === 0);
  if (!isWorthIt) return eachByItself(requests);
  const strays = [...mirror.own].filter((name) => !names.has(name));
  const sign = covered.length === 0 ? undefined : { timeMs, coversSeq: mirror.appliedSeq };
  return { sign, covered, single, isLeased: true, strays };

  /** The time of a sign of life that would set this deadline, or nearly so. */
  function signTimeMs(name: string, { owner, expiresAtMs }: KeepAliveRequest): number | undefined {
    const entry = mirror.own.has(name) ? mirror.living(name, nowMs) : undefined;
    if (entry === undefined || entry.owner !== ownerKey(owner)) return undefined;
    if (entry.seq > mirror.appliedSeq || isOld(entry, nowMs, maxTtlMs)) return undefined;
    const { lengthMs } = entry.lease;
    const signMs = expiresAtMs - lengthMs;
    const toleranceMs = Math.min(lengthMs * TOLERANCE, MAX_TOLERANCE_MS);
    return Math.abs(signMs - nowMs) <= toleranceMs ? signMs : undefined;
  }
}

function eachByItself(requests: readonly KeepAliveRequest[]): KeepAlivePlan {
  const single = [...requests.keys()];
  return { sign: undefined, covered: [], single, isLeased: false, strays: [] };
}
