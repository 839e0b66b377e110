/** Two workers of `node:cluster`: one saves a stash, the other one loads it. Prints the outcome. */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { createMemoryAdapter } from "../src/index.ts";
import type { LoadOutcome } from "../src/entries/adapter.ts";
import { peersOnThisMachine } from "../src/entries/peers.ts";

const [application = "", secret = ""] = process.argv.slice(2);
const id = "AAAAAAAAAAAAAAAAAAAAAA";
const expiresAtMs = Date.now() + 300_000;

interface Saved {
  readonly adapterData: Uint8Array;
}

if (cluster.isPrimary) {
  cluster.setupPrimary({ serialization: "advanced" });
  const fork = async (): Promise<Worker> => {
    const worker = cluster.fork();
    await once(worker, "message");
    return worker;
  };
  const [one, two] = [await fork(), await fork()];
  one.send("save");
  const [saved] = (await once(one, "message")) as [Saved];
  two.send(saved);
  const [loaded] = (await once(two, "message")) as [LoadOutcome];
  process.stdout.write(`${loaded.status}\n`);
  for (const worker of [one, two]) worker.kill("SIGKILL");
} else {
  const memory = createMemoryAdapter({ peers: peersOnThisMachine({ name: application, secret }) });
  process.on("message", (message: "save" | Saved) => {
    const answer =
      message === "save"
        ? memory.save({
            id,
            owner: "0000000001one",
            record: new Uint8Array(400),
            create: true,
            expiresAtMs,
          })
        : memory.load({
            id,
            owner: "0000000002two",
            adapterData: message.adapterData,
            expiresAtMs,
          });
    void Promise.resolve(answer).then((outcome) => process.send?.(outcome));
  });
  await memory.ready();
  process.send?.("ready");
}
