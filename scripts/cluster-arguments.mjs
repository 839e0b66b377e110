import { parseArgs } from "node:util";

const adapters = ["memory", "browser", "redis", "nats"];

export const usage = `npm run cluster [-- options]: two showcase nodes behind nginx, and what they need

  --adapter NAME    where the main pages keep their stashes: ${adapters.join(", ")} (memory)
  --port PORT       where nginx listens (PORT, else 8080)
  --nodes P1,P2     where the nodes listen (free ports)
  --help            this text

HOST is where nginx listens, 127.0.0.1 if it is not set.`;

/**
 * @typedef {object} ClusterArguments
 * @property {string} adapter
 * @property {number} port
 * @property {readonly number[] | undefined} nodePorts
 */

/**
 * Reads the arguments of `npm run cluster`.
 *
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {ClusterArguments | "help" | { readonly problem: string }}
 */
export function parseClusterArguments(args, env) {
  let values;
  try {
    ({ values } = parseArgs({
      args: args.filter((argument) => argument !== "--"),
      options: {
        adapter: { type: "string", default: "memory" },
        port: { type: "string", default: env.PORT?.trim() || "8080" },
        nodes: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const { adapter, port, nodes, help } = values;
  if (help) return "help";
  if (!adapters.includes(adapter)) {
    return { problem: `--adapter: expected one of ${adapters.join(", ")}, found ${adapter}` };
  }
  const ports = [port, ...(nodes?.split(",") ?? [])].map(Number);
  if (!ports.every(isPort)) {
    return { problem: `Expected ports from 1 to 65535, found ${[port, nodes].join(" ").trim()}` };
  }
  const [own, ...nodePorts] = ports;
  if (nodes !== undefined && nodePorts.length !== 2) {
    return { problem: `--nodes: expected two ports with a comma between, found ${nodes}` };
  }
  if (new Set(ports).size !== ports.length) {
    return { problem: `Expected ports that differ, found ${ports.join(", ")}` };
  }
  return { adapter, port: own ?? 0, nodePorts: nodes === undefined ? undefined : nodePorts };
}

/** @param {number} port */
function isPort(port) {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
