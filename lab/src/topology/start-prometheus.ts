import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, spawnServer } from "@live-stash/test-servers";
import type { PrometheusCheck } from "../result.ts";
import type { Stoppers } from "./stoppers.ts";

/** A target that Prometheus scrapes. */
export interface ScrapeTarget {
  /** The name of the target's job, such as "node-1". */
  readonly name: string;
  readonly port: number;
  readonly path: string;
}

/** The Prometheus of one run. */
export interface Prometheus {
  readonly url: string;
  readonly pid: number;
  /** Finds the targets that a scrape could not reach. */
  check(): Promise<PrometheusCheck>;
}

const SCRAPE_INTERVAL = "2s";
const FIRST_SCRAPE_MS = 10_000;

/** Starts Prometheus on a free port, with its data in a temporary folder. */
export async function startPrometheus(
  targets: readonly ScrapeTarget[],
  stoppers: Stoppers,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "live-stash-prometheus-"));
  stoppers.add(() => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  });
  const config = join(folder, "prometheus.yml");
  writeFileSync(config, prometheusConfig(targets));
  const port = await freePort();
  const server = await spawnServer({
    command: "prometheus",
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    readyLine: /Server is ready to receive web requests/,
  });
  stoppers.add(async () => {
    server.kill("SIGKILL");
    await server.exited;
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: server.pid,
    async check() {
      const names = targets.map(({ name }) => name);
      const giveUpAtMs = performance.now() + FIRST_SCRAPE_MS;
      for (;;) {
        const up = await lowestUp(url);
        // After a short run some targets may not have been scraped yet.
        const isComplete = names.every((name) => up.has(name));
        if (isComplete || performance.now() > giveUpAtMs) {
          return { targets: names, targetsDown: names.filter((name) => up.get(name) !== "1") };
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
  };
}

/** Writes a prometheus.yml for these targets. */
export function prometheusConfig(targets: readonly ScrapeTarget[]): string {
  const jobs = targets.map(
    ({ name, port, path }) => `  - job_name: ${name}
    metrics_path: ${path}
    static_configs:
      - targets: ["127.0.0.1:${port}"]`,
  );
  return `global:
  scrape_interval: ${SCRAPE_INTERVAL}
scrape_configs:
${jobs.join("\n")}
`;
}

/** The fields that the lab reads of a reply of Prometheus's HTTP API. */
interface InstantVector {
  readonly data?: {
    readonly result?: readonly {
      readonly metric: { readonly job?: string };
      readonly value: readonly [number, string];
    }[];
  };
}

/** Returns for each job "1" if all its scrapes succeeded, "0" if one failed. */
async function lowestUp(url: string): Promise<Map<string | undefined, string>> {
  const query = encodeURIComponent("min_over_time(up[1d])");
  const response = await fetch(`${url}/api/v1/query?query=${query}`);
  const results = ((await response.json()) as InstantVector).data?.result ?? [];
  return new Map(results.map(({ metric, value }) => [metric.job, value[1]]));
}
