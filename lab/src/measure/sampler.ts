import type { NodeSample } from "../app/node-sample.ts";
import type { LoadState } from "../load/load-generator.ts";
import type { ApplicationNode } from "../topology/start-node.ts";
import type { Topology } from "../topology/start-topology.ts";
import { readNats } from "./nats-probe.ts";
import { readNginx } from "./read-nginx.ts";
import type { Reading } from "./readings.ts";
import { createRedisProbe } from "./redis-probe.ts";

/** Asks every part of a topology what it does. */
export interface Sampler {
  /** Everything, now. */
  read(atMs: number, load: LoadState): Promise<Reading>;
  /** The nodes after a garbage collection. */
  atRest(): Promise<readonly NodeSample[]>;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** Prepares to ask; ends with the topology. */
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

/** A part that does not answer leaves a gap in its series; whether it has ended is seen elsewhere. */
async function orNull<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch {
    return null;
  }
}
