import type { AdapterName } from "../result.ts";

/** How an adapter looks and reads in every chart and table. */
export interface AdapterLook {
  readonly name: AdapterName;
  /** As a heading, for people. */
  readonly label: string;
  /** Where the state is while its user is away. */
  readonly place: string;
  /**
   * Chosen so that any two differ for people who see no red, no green or no blue too; the baseline
   * is dashed besides. At least 3:1 against the page.
   */
  readonly lightColour: string;
  readonly darkColour: string;
  /** The original's adapter that keeps its state in the same kind of place. */
  readonly original: string;
}

export const ADAPTER_LOOKS: Readonly<Record<AdapterName, AdapterLook>> = {
  baseline: {
    name: "baseline",
    label: "Baseline",
    place: "no stash at all",
    lightColour: "#30343d",
    darkColour: "#d5dae3",
    original: "baseline",
  },
  memory: {
    name: "memory",
    label: "Memory",
    place: "in a node's memory",
    lightColour: "#2f66e0",
    darkColour: "#5b8cff",
    original: "ETS",
  },
  browser: {
    name: "browser",
    label: "Browser",
    place: "in the page, sealed",
    lightColour: "#c98500",
    darkColour: "#f0ae2b",
    original: "browser memory",
  },
  redis: {
    name: "redis",
    label: "Redis",
    place: "in Redis",
    lightColour: "#b3124f",
    darkColour: "#f0447f",
    original: "Redis",
  },
  nats: {
    name: "nats",
    label: "NATS",
    place: "in three NATS servers",
    lightColour: "#12a594",
    darkColour: "#35cdb4",
    original: "Mnesia",
  },
};

/** The CSS variable that holds an adapter's colour. */
export function adapterColour(name: AdapterName): string {
  return `var(--${name})`;
}
