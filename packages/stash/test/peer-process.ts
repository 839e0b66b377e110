/** One node of an application in its own process, controlled by `PeerProcess`. */
import { createMemoryAdapter } from "../src/index.ts";
import { peersOnThisMachine } from "../src/entries/peers.ts";
import type { PeerCall, PeerCommand } from "./peer-process-control.ts";

const [application = "", secret = ""] = process.argv.slice(2);
const memory = createMemoryAdapter({ peers: peersOnThisMachine({ name: application, secret }) });

async function run(command: PeerCommand): Promise<unknown> {
  switch (command.do) {
    case "save":
      return memory.save(command.request);
    case "load":
      return memory.load(command.request);
    case "figures":
      return memory.figures();
    case "handOver":
      return memory.handOver();
  }
}

process.on("message", ({ number, command }: PeerCall) => {
  void run(command).then((answer) => process.send?.({ number, answer }));
});
process.once("disconnect", () => process.exit());

await memory.ready();
process.send?.({ number: 0, answer: "ready" });
