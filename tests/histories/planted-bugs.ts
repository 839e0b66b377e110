import type { SourceBug } from "./load-core.ts";
import type { Setup, Step } from "./plan.ts";
import type { Sabotage } from "./simulate.ts";

/** A bug that the simulation must find, in the code of the stash or in the simulated environment. */
export interface PlantedBug {
  readonly name: string;
  readonly source?: readonly SourceBug[];
  readonly sabotage?: Sabotage;
  /** The steps that must be more frequent, so that the bug appears soon. */
  readonly favours?: readonly Step["kind"][];
  /** The application and store with which the bug appears. */
  readonly setup?: Partial<Setup>;
}

const stash = (file: string): string => `packages/stash/src/${file}`;
const browser = (file: string): string => `packages/browser/src/${file}`;

/** The bugs: one for each rule on which the promise depends. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "a failed read counts as absence",
    source: [
      {
        file: stash("operations/recover.ts"),
        find: "if (loaded === undefined) return continueWithoutAnswer(view, load, token, isFresh);",
        replace: 'loaded ??= { status: "absent" };',
      },
    ],
  },
  {
    name: "a stash takes the place of one whose store has not answered",
    source: [
      {
        file: stash("operations/save.ts"),
        find: 'if (view.recovery.status !== "settled" && awaitsRecovery(view)) throw recoveryPending(view);',
        replace: "",
      },
    ],
  },
  {
    name: "recoverState drops the token when the store fails",
    favours: ["store freezes"],
    source: [
      {
        file: stash("operations/recover.ts"),
        find: "if (loaded === undefined) return continueWithoutAnswer(view, load, token, isFresh);",
        replace: `if (loaded === undefined) {
          startWithoutStash(view);
          return continueWithoutAnswer(view, load, token, isFresh);
        }`,
      },
    ],
  },
  {
    name: "a state that came back late is not kept for the application",
    setup: { adapter: "store", whenUnavailable: "continue", reconciles: false, autoStash: false },
    favours: ["store freezes"],
    source: [
      {
        file: stash("operations/pending-recovery.ts"),
        find: 'view.recovery = { status: "kept_aside", state };',
        replace: "view.recovery = SETTLED;",
      },
    ],
  },
  {
    name: "the late answer of a first save deletes what a later try has created",
    favours: ["store is slow", "store freezes"],
    source: [
      {
        file: stash("operations/save.ts"),
        find: "const isNamed = view.announced?.id === id || view.ownedStash?.id === id;",
        replace: "const isNamed = false;",
      },
    ],
  },
  {
    name: "the late answer of an abandoned load ends the stash at once",
    source: [
      {
        file: stash("operations/persistent-load.ts"),
        find: "end === undefined ? settings.clock.now() + settings.ttlMs : finalDeadlineMs(settings, end);",
        replace: "settings.clock.now();",
      },
    ],
  },
  {
    name: "the retry of a failed save writes over what is newer",
    favours: ["store crashes"],
    source: [
      {
        file: stash("operations/save.ts"),
        find: "// Drops any older state still waiting for a retry: it must not be written after this one.\n  view.unsaved = undefined;",
        replace: "",
      },
    ],
  },
  {
    name: "what a store has lost is not saved again",
    favours: ["store forgets"],
    source: [
      {
        file: stash("background/keep-alive.ts"),
        find: "if (view.isLost) this.#saveLost(view);",
        replace: "",
      },
    ],
  },
  {
    name: "deadlines are not moved while the page is connected",
    source: [
      {
        file: stash("background/keep-alive.ts"),
        find: "if (view.settings.keepAliveIntervalMs < this.#delayMs) this.#arm();",
        replace: "",
      },
    ],
  },
  {
    name: "the browser learns of a stash only with the answer to its first save",
    source: [
      {
        file: stash("view/browser-token.ts"),
        find: "if (tokenForm.carriesState) {",
        replace: "if (tokenForm) {",
      },
    ],
  },
  {
    name: "a time limit is decided before the sockets were read",
    favours: ["block", "server stalls"],
    source: [
      {
        file: stash("time-limit.ts"),
        find: "afterPoll = setImmediate(onOver);",
        replace: "onOver();",
      },
      {
        file: stash("time-limit.ts"),
        find: "if (lateMs >= STALL_MS && !wasExtended) {",
        replace: "if (lateMs < 0) {",
      },
    ],
  },
  {
    name: "a crash costs the page its stash",
    source: [
      {
        file: stash("operations/end.ts"),
        find: 'const hasLeft = view.end?.reason === "left";',
        replace: 'const hasLeft = view.end?.reason === "left" || view.end?.reason === "crashed";',
      },
    ],
  },
  {
    name: "a stash ends with its view, without its TTL",
    source: [
      {
        file: stash("view/deadline.ts"),
        find: "return Math.round(clock.now() + ttlMs - (monotonicNow() - end.atMs));",
        replace: "return Math.round(clock.now() - (monotonicNow() - end.atMs));",
      },
    ],
  },
  {
    name: "a first save that is late brings back what was reset",
    setup: { adapter: "store", autoStash: false },
    favours: ["reset", "store freezes"],
    source: [
      {
        file: stash("operations/reset.ts"),
        find: "if (hadUnsaved) view.announced = undefined;",
        replace: "",
      },
    ],
  },
  {
    name: "the browser does not take the token that takes the place of another",
    source: [
      {
        file: browser("tokens.ts"),
        find: "tokens.set(view, token);",
        replace: "if (current === undefined) tokens.set(view, token);",
      },
    ],
  },
  {
    name: "the browser does not renew what it holds",
    source: [
      {
        file: browser("tokens.ts"),
        find: "tokens.set(view, renewed);",
        replace: "",
      },
    ],
  },
  {
    name: "a tab does not keep over a reload what it holds",
    source: [
      {
        file: browser("tab-storage.ts"),
        find: 'if ((load as PerformanceNavigationTiming).type === "reload") {',
        replace: "if (load === undefined) {",
      },
    ],
  },
  {
    name: "a store lets the old owner write",
    favours: ["silence", "block"],
    sabotage: { storeIgnoresOwners: true },
  },
  {
    name: "the server has a page that cannot be mounted load itself anew",
    sabotage: { serverRefusesReturns: true },
  },
];
