import { createMemoryAdapter, StashError } from "live-stash";
import type { MaybePromise, SaveRequest, StashAdapter } from "live-stash/adapter";
import type { ServiceUnderTest } from "../src/index.ts";
import type { Clock } from "./broken-memory.ts";

/** The way to a store, which can be cut. */
export class Line implements ServiceUnderTest {
  readonly answersWithinMs = 100;
  isAway = false;
  readonly outages = [
    {
      name: "cut off",
      begin: (): void => void (this.isAway = true),
      end: (): void => void (this.isAway = false),
    },
  ];
}

type Calls = Pick<StashAdapter, "save" | "load" | "keepAlive" | "forget">;
export type BrokenService = (line: Line, clock: Clock) => StashAdapter;

/** Memory at the other end of a line. While it is cut, `away` says what a call comes to. */
const overLine =
  (
    away: () => Promise<never> = unavailable,
    change: (store: StashAdapter, line: Line) => Partial<StashAdapter> = () => ({}),
  ): BrokenService =>
  (line, clock) => {
    const store = createMemoryAdapter({ clock });
    let isClosed = false;
    const reach = <Outcome>(call: () => MaybePromise<Outcome>): MaybePromise<Outcome> =>
      line.isAway && !isClosed ? away() : call();
    const calls: Calls = {
      save: (request) => reach(() => store.save(request)),
      load: (request) => reach(() => store.load(request)),
      keepAlive: (requests) => reach(() => store.keepAlive(requests)),
      forget: (request) => reach(() => store.forget(request)),
    };
    const close = (): MaybePromise<void> => {
      isClosed = true;
      return store.close();
    };
    const adapter: StashAdapter = { ...store, ...calls, close };
    return { ...adapter, ...change(adapter, line) };
  };

function unavailable(): Promise<never> {
  return Promise.reject(new StashError("adapter_unavailable", "The line is cut."));
}

/** What can be wrong with an adapter when its service goes away. */
export const BROKEN_SERVICES = {
  "keeps the contract": overLine(),
  "waits for the service without end": overLine(() => new Promise(() => {})),
  "passes errors of its client on": overLine(() => Promise.reject(new Error("ECONNREFUSED"))),
  "rejects with a code that is not an adapter's": overLine(() =>
    Promise.reject(new StashError("unreadable_record", "What is this?")),
  ),
  "takes what it cannot reach for absent": overLine(unavailable, (adapter, line) => ({
    load: (request) => (line.isAway ? { status: "absent" } : adapter.load(request)),
  })),
  "gives up for good": overLine(unavailable, (adapter, line) => {
    let hasGivenUp = false;
    return {
      load(request) {
        hasGivenUp ||= line.isAway;
        return hasGivenUp ? unavailable() : adapter.load(request);
      },
    };
  }),
  "cannot close without its service": overLine(unavailable, (adapter, line) => ({
    close: () => (line.isAway ? new Promise(() => {}) : adapter.close()),
  })),
  "writes afterwards what was refused": overLine(unavailable, (adapter, line) => {
    const refused = new Map<string, SaveRequest>();
    return {
      save(request) {
        if (line.isAway) refused.set(request.id, request);
        return adapter.save(request);
      },
      async load(request) {
        const outcome = await adapter.load(request);
        const late = refused.get(request.id);
        // Over what the next owner has loaded, and in its name.
        if (late !== undefined) await adapter.save({ ...late, owner: request.owner });
        return outcome;
      },
    };
  }),
} satisfies Record<string, BrokenService>;
