import type { AdapterRun, NodeSamples, ServiceSamples } from "../result.ts";
import type { Unit } from "./quantity.ts";
import { foldSamples, type Fold, type Point } from "./series.ts";

/** One of the charts of a figure. */
export interface PanelDefinition {
  readonly title: string;
  readonly unit: Unit;
  /** The number in the legend: the mean of the steady time, or the peak of the whole run. */
  readonly summary: "mean" | "peak";
  /** Whether values jump from second to second: then their mean is drawn strong, the seconds faint. */
  readonly isJagged: boolean;
  /** Reads the points; returns `null` if the run does not have them. */
  readonly read: (run: AdapterRun) => readonly Point[] | null;
}

type NodeSeries = Exclude<keyof NodeSamples, "atMs">;
type ServiceSeries = Exclude<keyof ServiceSamples, "atMs">;

/** Defines a panel of all nodes together. */
export function nodes(
  title: string,
  unit: Unit,
  series: NodeSeries,
  {
    fold = "sum",
    summary = "mean",
    isJagged = false,
  }: { fold?: Fold; summary?: "mean" | "peak"; isJagged?: boolean } = {},
): PanelDefinition {
  const read = (run: AdapterRun) =>
    foldSamples(
      run.nodes.map(({ samples }) => ({ atMs: samples.atMs, series: samples[series] })),
      fold,
    );
  return { title, unit, summary, isJagged, read };
}

/** Defines a panel for each of the two nodes. */
export function eachNode(
  unit: Unit,
  series: NodeSeries,
  options: { summary?: "mean" | "peak"; isJagged?: boolean },
): readonly PanelDefinition[] {
  return ["node-1", "node-2"].map((name) => ({
    title: name,
    unit,
    summary: options.summary ?? "mean",
    isJagged: options.isJagged ?? false,
    read: (run) => {
      const node = run.nodes.find((node) => node.name === name);
      if (node === undefined) return null;
      return foldSamples([{ atMs: node.samples.atMs, series: node.samples[series] }], "sum");
    },
  }));
}

/** Defines a panel of one service. Adapters that do not use it have no line. */
export function service(
  title: string,
  name: "redis" | "nats",
  unit: Unit,
  series: ServiceSeries,
): PanelDefinition {
  return {
    title,
    unit,
    summary: "mean",
    isJagged: true,
    read: ({ [name]: samples }) =>
      samples && foldSamples([{ atMs: samples.atMs, series: samples[series] }], "sum"),
  };
}

export const natsRoutes: PanelDefinition = {
  title: "between the NATS servers",
  unit: "bytesPerSecond",
  summary: "mean",
  isJagged: true,
  read: ({ nats }) =>
    nats && foldSamples([{ atMs: nats.atMs, series: nats.routeBytesPerSecond }], "sum"),
};

export const services: PanelDefinition = {
  title: "Redis or NATS servers",
  unit: "percent",
  summary: "mean",
  isJagged: true,
  read: ({ redis, nats }) => {
    const samples = redis ?? nats;
    return samples && foldSamples([{ atMs: samples.atMs, series: samples.cpuPercent }], "sum");
  },
};

/** Defines a panel of the load generator. */
export function load(
  title: string,
  unit: Unit,
  series: "connected" | "cyclesPerSecond" | "busiestWorkerPercent",
): PanelDefinition {
  return {
    title,
    unit,
    summary: "mean",
    isJagged: series !== "connected",
    read: ({ load: { samples } }) =>
      foldSamples([{ atMs: samples.atMs, series: samples[series] }], "sum"),
  };
}
