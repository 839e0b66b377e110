import { isEarlierOwner } from "live-stash/adapter";

/** A call of one of the nodes, with its times by one clock. */
export interface StashCall {
  readonly call: "save" | "load" | "keepAlive";
  readonly owner: string;
  /** The value that was saved or loaded. */
  readonly value?: number | undefined;
  readonly isCreate?: boolean;
  /** The adapter's answer; `unknown` if the call rejected: it may have taken effect, then or later. */
  readonly outcome: "saved" | "loaded" | "kept" | "not_owner" | "absent" | "superseded" | "unknown";
  readonly beganAtMs: number;
  /** `Infinity` if the call may still take effect. */
  readonly endedAtMs: number;
}

interface Stash {
  readonly owner: string;
  readonly value: number;
}

/**
 * Whether the calls on one stash, from its creation on, are linearizable: there is an order, with each
 * call at a moment between its beginning and its end, in which one stash with one owner gives the same
 * answers. Then nothing acknowledged was lost, nothing recovered was older than what was acknowledged,
 * and there was one owner at a time.
 */
export function isLinearizable(calls: readonly StashCall[]): boolean {
  const ordered = calls.toSorted((one, other) => one.beganAtMs - other.beganAtMs);
  const tried = new Set<string>();
  return search(0n, undefined);

  function search(done: bigint, stash: Stash | undefined): boolean {
    const left = ordered.filter((_, at) => (done & (1n << BigInt(at))) === 0n);
    // A call without an answer need not have taken effect.
    if (left.every(({ outcome }) => outcome === "unknown")) return true;
    const key = `${done} ${stash?.owner} ${stash?.value}`;
    if (tried.has(key)) return false;
    tried.add(key);
    const firstEndMs = Math.min(...left.map(({ endedAtMs }) => endedAtMs));
    for (const [at, call] of ordered.entries()) {
      if ((done & (1n << BigInt(at))) !== 0n) continue;
      // This call began after another one had ended, and that one must come first.
      if (call.beganAtMs > firstEndMs) break;
      const result = apply(call, stash);
      if (result !== undefined && search(done | (1n << BigInt(at)), result.stash)) return true;
    }
    return false;
  }
}

/** The stash after a call that was answered like this; `undefined` if this answer is impossible. */
function apply(
  { call, owner, value, isCreate = false, outcome }: StashCall,
  stash: Stash | undefined,
): { readonly stash: Stash | undefined } | undefined {
  const isOwner = stash?.owner === owner;
  switch (outcome) {
    case "saved":
      return (isOwner || (stash === undefined && isCreate)) && value !== undefined
        ? { stash: { owner, value } }
        : undefined;
    case "loaded":
      if (stash === undefined || stash.value !== value) return undefined;
      return isEarlierOwner(owner, stash.owner) ? undefined : { stash: { ...stash, owner } };
    case "kept":
      return isOwner ? { stash } : undefined;
    case "not_owner":
      return stash !== undefined && !isOwner ? { stash } : undefined;
    case "superseded":
      return stash !== undefined && isEarlierOwner(owner, stash.owner) ? { stash } : undefined;
    case "absent":
      return stash === undefined && !isCreate ? { stash } : undefined;
    case "unknown":
      // The search covers a call that took no effect by leaving it out.
      if (call === "save") return apply({ ...unknownAs, call, owner, value, isCreate }, stash);
      if (call === "load" && stash !== undefined && !isEarlierOwner(owner, stash.owner)) {
        return { stash: { ...stash, owner } };
      }
      return undefined;
  }
}

const unknownAs = { outcome: "saved", beganAtMs: 0, endedAtMs: Infinity } as const;
