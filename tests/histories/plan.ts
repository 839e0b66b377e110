import { createRandom, type Random } from "@live-stash/test-servers/random";

/** The application and the store of a history. */
export interface Setup {
  readonly adapter: "store" | "memory" | "browser";
  /** Whether the adapter returns new adapterData with each save and load. */
  readonly hints: boolean;
  readonly autoStash: boolean;
  readonly awaits: boolean;
  readonly recoverAfterReload: boolean;
  readonly whenUnavailable: "rejoin" | "continue";
  readonly reconciles: boolean;
  readonly takesKept: boolean;
  readonly recoverWithinMs: number;
  readonly servers: number;
  readonly tabs: number;
}

/** An event of a history. It ends after `forMs`, if it has an end. */
export interface Step {
  readonly atMs: number;
  readonly kind: keyof typeof CHANCES;
  /** The number of the tab or server. */
  readonly which: number;
  readonly forMs: number;
  /** A random number from 0 to below 1, for choices within the step. */
  readonly chance: number;
}

/** The plan of a history. */
export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

/** The relative frequency of each step, and its shortest and longest duration, in ms. */
const CHANCES = {
  change: [40, 0, 0],
  reset: [4, 0, 0],
  crash: [3, 0, 0],
  "mount crashes": [2, 0, 0],
  block: [2, 200, 6_000],
  cut: [14, 0, 40_000],
  silence: [3, 500, 9_000],
  sleep: [2, 4_000, 120_000],
  "join again": [3, 0, 0],
  reload: [3, 0, 0],
  navigate: [2, 0, 0],
  "store freezes": [6, 200, 9_000],
  "store crashes": [4, 200, 9_000],
  "store forgets": [2, 200, 3_000],
  "store is slow": [4, 1_000, 8_000],
  "store is mute": [4, 300, 6_000],
  "server is killed": [3, 100, 3_000],
  "server is replaced": [3, 100, 3_000],
  "server stalls": [5, 100, 6_000],
  "clock steps": [2, 0, 0],
} as const;

const KINDS = Object.entries(CHANCES) as [Step["kind"], readonly [number, number, number]][];
/** The factor by which favoured steps are more frequent. */
const FAVOUR = 10;

/** The network store is the most frequent, because it can fail in the most ways. */
const ADAPTERS: readonly Setup["adapter"][] = [
  "store",
  "store",
  "store",
  "store",
  "browser",
  "browser",
  "memory",
];

/** Whether a step is a fault of a network store. */
export const isOfStore = ({ kind }: Pick<Step, "kind">): boolean => kind.startsWith("store");

/** Plans the history of this seed. Favoured kinds of steps are more frequent in it. */
export function planOf(seed: number, favoured: readonly Step["kind"][] = []): Plan {
  const kinds = KINDS.flatMap((entry) =>
    Array.from({ length: entry[1][0] * (favoured.includes(entry[0]) ? FAVOUR : 1) }, () => entry),
  );
  const random = createRandom(seed);
  const chance = (): number => random.below(2 ** 20) / 2 ** 20;
  const flip = (share = 0.5): boolean => chance() < share;
  const adapter = random.pick(ADAPTERS);
  const setup: Setup = {
    adapter,
    hints: flip(0.3),
    autoStash: flip(),
    awaits: flip(0.8),
    recoverAfterReload: flip(0.3),
    whenUnavailable: flip(0.6) ? "rejoin" : "continue",
    reconciles: flip(0.4),
    takesKept: flip(),
    recoverWithinMs: random.pick([5_000, 5_000, 1_500, 300]),
    servers: adapter === "memory" ? 1 : 1 + random.below(2),
    tabs: flip(0.15) ? 2 : 1,
  };
  // Some stores have no faults, so that a fault reported for them is a bug.
  const isStoreSound = adapter !== "store" || flip(0.25);
  const steps: Step[] = [];
  const count = 6 + random.below(30);
  let atMs = 200;
  while (steps.length < count) {
    atMs += pause(random);
    const [kind, [, least, most]] = random.pick(kinds);
    // Squared, so that most faults are short.
    const forMs = Math.round(least + (most - least) * chance() ** 2);
    const step: Step = { atMs, kind, which: random.below(2), forMs, chance: chance() };
    if (!(isStoreSound && isOfStore(step))) steps.push(step);
  }
  return { seed, setup, steps };
}

/** Returns the pause before the next step: mostly short, sometimes long. */
function pause(random: Random): number {
  const kind = random.below(20);
  if (kind < 8) return random.below(30);
  if (kind < 16) return random.below(1_500);
  return kind < 19 ? random.below(12_000) : random.below(60_000);
}
