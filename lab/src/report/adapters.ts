import type { AdapterName } from "../result.ts";

/** An adapter's name, description and colour in every chart and table. */
export interface AdapterLook {
  readonly name: AdapterName;
  /** The adapter's name as a heading. */
  readonly label: string;
  /** The place of the state while its user is away. */
  readonly place: string;
  /**
   * The colour, for light and dark pages. Any two differ for colour-blind readers too, and the contrast
   * against the page is at least 3:1. The baseline is dashed as well.
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

/** Returns the CSS variable of an adapter's colour. */
export function adapterColour(name: AdapterName): string {
  return `var(--${name})`;
}
