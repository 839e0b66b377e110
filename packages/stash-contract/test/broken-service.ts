import { createMemoryAdapter, StashError } from "live-stash";
import type { MaybePromise, SaveRequest, StashAdapter } from "live-stash/adapter";
import type { ServiceUnderTest } from "../src/index.ts";
import type { Clock } from "./broken-memory.ts";

/** The connection to a store, which a test can cut. */
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

/** Creates memory adapters behind a line. While the line is cut, calls return what `away` returns. */
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

/** Defects of an adapter in an outage of its service. */
export const BROKEN_SERVICES = {
  "keeps the contract": overLine(),
  "waits for the service forever": overLine(() => new Promise(() => {})),
  "passes on the errors of its client": overLine(() => Promise.reject(new Error("ECONNREFUSED"))),
  "rejects with a code that is not an adapter's": overLine(() =>
    Promise.reject(new StashError("unreadable_record", "What is this?")),
  ),
  "answers absent while it cannot reach its service": overLine(unavailable, (adapter, line) => ({
    load: (request) => (line.isAway ? { status: "absent" } : adapter.load(request)),
  })),
  "never reconnects": overLine(unavailable, (adapter, line) => {
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
  "writes a refused save later": overLine(unavailable, (adapter, line) => {
    const refused = new Map<string, SaveRequest>();
    return {
      save(request) {
        if (line.isAway) refused.set(request.id, request);
        return adapter.save(request);
      },
      async load(request) {
        const outcome = await adapter.load(request);
        const late = refused.get(request.id);
        // Writes over the record that the next owner has loaded, in that owner's name.
        if (late !== undefined) await adapter.save({ ...late, owner: request.owner });
        return outcome;
      },
    };
  }),
} satisfies Record<string, BrokenService>;
