import { createMemoryAdapter } from "live-stash";
import type { StashId } from "live-stash/adapter";
import { type BrokenMemory, type Clock, memoryBut } from "./memory-but.ts";

/** Creates memory adapters whose clock is wrong. */
const memoryAt =
  (now: (clock: Clock) => number): BrokenMemory =>
  (clock) =>
    createMemoryAdapter({ clock: { now: () => now(clock) } });

/** Creates memory adapters that receive wrong deadlines. */
const memoryWithDeadlines = (wrong: (expiresAtMs: number, nowMs: number) => number): BrokenMemory =>
  memoryBut((good, clock) => {
    const fix = <R extends { readonly expiresAtMs: number }>(request: R): R => ({
      ...request,
      expiresAtMs: wrong(request.expiresAtMs, clock.now()),
    });
    return {
      save: (request) => good.save(fix(request)),
      load: (request) => good.load(fix(request)),
      keepAlive: (requests) => good.keepAlive(requests.map(fix)),
    };
  });

/** Defects in the expiry of stashes. */
export const WRONG_DEADLINES = {
  "expires a millisecond late": memoryAt((clock) => clock.now() - 1),
  "expires a millisecond early": memoryAt((clock) => clock.now() + 1),
  "expires a second late": memoryAt((clock) => clock.now() - 1_000),
  "expires at whole seconds": memoryWithDeadlines((expiresAtMs) =>
    expiresAtMs === Infinity ? Infinity : Math.floor(expiresAtMs / 1_000) * 1_000,
  ),
  "keeps deadlines in 32 bits": memoryWithDeadlines((expiresAtMs, nowMs) =>
    expiresAtMs === Infinity ? Infinity : nowMs + ((expiresAtMs - nowMs) | 0),
  ),
  "takes Infinity for nothing": memoryWithDeadlines((expiresAtMs) =>
    expiresAtMs === Infinity ? 0 : expiresAtMs,
  ),
  "ignores the deadline of a load": memoryBut((good, clock) => {
    const deadlines = new Map<StashId, number>();
    return {
      save(request) {
        deadlines.set(request.id, request.expiresAtMs);
        return good.save(request);
      },
      load: (request) =>
        good.load({ ...request, expiresAtMs: deadlines.get(request.id) ?? clock.now() }),
    };
  }),
  "ignores the deadline of a later save": memoryBut((good) => {
    const deadlines = new Map<StashId, number>();
    return {
      save(request) {
        if (request.create) deadlines.set(request.id, request.expiresAtMs);
        const expiresAtMs = deadlines.get(request.id) ?? request.expiresAtMs;
        return good.save({ ...request, expiresAtMs });
      },
    };
  }),
  "ignores the deadline of a keep-alive": memoryBut((good) => {
    const deadlines = new Map<StashId, number>();
    return {
      async save(request) {
        const outcome = await good.save(request);
        if (outcome.status === "saved") deadlines.set(request.id, request.expiresAtMs);
        return outcome;
      },
      keepAlive: (requests) =>
        good.keepAlive(
          requests.map((one) => ({ ...one, expiresAtMs: deadlines.get(one.id) ?? Infinity })),
        ),
    };
  }),
  "applies one deadline to a whole batch": memoryBut((good) => ({
    keepAlive: (requests) =>
      good.keepAlive(
        requests.map((one) => ({ ...one, expiresAtMs: requests[0]?.expiresAtMs ?? 0 })),
      ),
  })),
} satisfies Record<string, BrokenMemory>;
