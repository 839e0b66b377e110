import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";
import type { ApplicationNode } from "../topology/start-node.ts";
import type { Topology } from "../topology/start-topology.ts";
import { readNats } from "./nats-probe.ts";
import type { NginxReading, Reading } from "./readings.ts";
import { createRedisProbe } from "./redis-probe.ts";
import { processUsage } from "./process-usage.ts";

/** Reads the figures of every part of a topology. */
export interface Sampler {
  /** Reads all figures now. */
  read(atMs: number, load: LoadState): Promise<Reading>;
  /** Reads the nodes' figures after a garbage collection. */
  atRest(): Promise<readonly NodeSample[]>;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** Creates a sampler, which is stopped with the topology. */
export async function createSampler(topology: Topology): Promise<Sampler> {
  const { nodes, nginx, nats, redisPort, stoppers } = topology;
  const redis = redisPort === undefined ? undefined : await createRedisProbe(redisPort);
  if (redis !== undefined) {
    stoppers.add(() => {
      redis.close();
      return Promise.resolve();
    });
  }
  return {
    async read(atMs, load) {
      const [nodeSamples, redisReading, natsReading, nginxReading] = await Promise.all([
        Promise.all(nodes.map((node) => orNull(askNode(node, "sample")))),
        redis === undefined ? null : orNull(redis.read()),
        nats === undefined ? null : orNull(readNats(nats)),
        orNull(readNginx(nginx)),
      ]);
      const { user, system } = process.cpuUsage();
      return {
        atMs,
        nodes: nodeSamples,
        redis: redisReading,
        nats: natsReading,
        nginx: nginxReading,
        load,
        labCpuMs: (user + system) / 1000,
      };
    },
    atRest: () => Promise.all(nodes.map((node) => askNode(node, "rest"))),
  };
}

async function askNode(node: ApplicationNode, what: "sample" | "rest"): Promise<NodeSample> {
  const response = await fetch(`http://127.0.0.1:${node.controlPort}/${what}`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  return (await response.json()) as NodeSample;
}

/** Resolves to `null` for a part that does not answer: a gap in its series. Ended parts are detected elsewhere. */
async function orNull<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch {
    return null;
  }
}

/** Reads nginx's `stub_status` and the usage of its processes. */
async function readNginx(nginx: {
  readonly pid: number;
  readonly statusUrl: string;
}): Promise<NginxReading> {
  const response = await fetch(nginx.statusUrl);
  const connections = /Active connections: (\d+)/.exec(await response.text())?.[1];
  return { connections: Number(connections ?? 0), ...processUsage(nginx.pid) };
}
