// npm run cluster [-- options, see --help]
import { parseClusterArguments, usage } from "./cluster-arguments.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { ensureNats } from "./nats.mjs";
import { ensureNginx } from "./nginx.mjs";
import { ensureRedis } from "./redis.mjs";
import { runCommand, typescriptFlags } from "./run-command.mjs";

const options = parseClusterArguments(process.argv.slice(2), process.env);
if (options === "help") {
  console.log(usage);
} else if ("problem" in options) {
  console.error(`${options.problem}\n\n${usage}`);
  process.exitCode = 2;
} else {
  process.exitCode = await run(options);
}

/** @param {import("./cluster-arguments.mjs").ClusterArguments} options */
async function run({ adapter, port, nodePorts }) {
  await ensureDependencies();
  await ensureNginx("The cluster needs");
  if (adapter === "redis") await ensureRedis("The adapter redis needs");
  if (adapter === "nats") await ensureNats("The adapter nats needs");
  return runCommand(process.execPath, [...typescriptFlags, "examples/showcase/src/cluster.ts"], {
    env: {
      ...process.env,
      SHOWCASE_ADAPTER: adapter,
      PORT: String(port),
      ...(nodePorts === undefined ? {} : { CLUSTER_NODE_PORTS: nodePorts.join(",") }),
    },
    // The channel tells it when this process is gone.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
}
