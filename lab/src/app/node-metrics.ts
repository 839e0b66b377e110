import { collectStashMetrics } from "live-stash/metrics";
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { ApplicationFigures } from "./node-probe.ts";

/** Creates a node's metrics for Prometheus: its process, its stashes, its sockets and bytes. */
export function createNodeMetrics(application: () => ApplicationFigures): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  collectStashMetrics({ register });
  for (const [name, key] of [
    ["live_view_views", "views"],
    ["live_view_sockets", "sockets"],
    ["lab_adapter_bytes", "adapterBytes"],
    ["lab_adapter_entries", "adapterEntries"],
  ] as const) {
    register.registerMetric(
      new Gauge({
        name,
        help: `The node's ${key} now.`,
        registers: [],
        collect() {
          this.set(application()[key]);
        },
      }),
    );
  }
  for (const [name, key] of [
    ["lab_client_in_bytes_total", "clientInBytes"],
    ["lab_client_out_bytes_total", "clientOutBytes"],
    ["lab_inter_node_in_bytes_total", "interNodeInBytes"],
    ["lab_inter_node_out_bytes_total", "interNodeOutBytes"],
  ] as const) {
    register.registerMetric(
      new Counter({
        name,
        help: `The node's ${key} since its start.`,
        registers: [],
        collect() {
          this.reset();
          this.inc(application()[key]);
        },
      }),
    );
  }
  return register;
}
