// Saves a stash in a folder, and is killed as soon as the save is acknowledged.
import { createFileAdapter } from "../src/file-adapter.ts";

const [folder = "", id = ""] = process.argv.slice(2);
const record = new TextEncoder().encode("saved");
const expiresAtMs = Date.now() + 3_600_000;
const adapter = createFileAdapter({ folder });
const outcome = await adapter.save({
  id,
  owner: "0000000000there",
  record,
  create: true,
  expiresAtMs,
});
if (outcome.status === "saved") process.kill(process.pid, "SIGKILL");
