import { peersOverHttp } from "../src/entries/peers.ts";

// A process that only asks: nothing but its connections could keep it running.
const [, , url = "", secret = ""] = process.argv;
await peersOverHttp({ nodes: [url], secret }).open("BBBBBBBBBBA", () => undefined);
process.stdout.write("opened\n");
