import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFileAdapter } from "./file-adapter.ts";

// Uses the adapter directly, as live-stash does for a view: a stash in files counts the runs of this program.
const folder = process.argv[2] ?? fileURLToPath(new URL("../.stashes", import.meta.url));
const adapter = createFileAdapter({ folder });
const owner = `${Date.now().toString(36).padStart(10, "0")}${randomBytes(8).toString("hex")}`;
const expiresAtMs = Date.now() + 3_600_000;

// In an application this would be part of the browser's token.
const idFile = join(folder, "id-of-the-example");
const id = existsSync(idFile)
  ? readFileSync(idFile, "utf8")
  : randomBytes(16).toString("base64url");

const found = await adapter.load({ id, owner, adapterData: new Uint8Array(0), expiresAtMs });
const runs = found.status === "loaded" ? Number(new TextDecoder().decode(found.record)) + 1 : 1;
const record = new TextEncoder().encode(String(runs));
const saved = await adapter.save({ id, owner, record, create: runs === 1, expiresAtMs });
writeFileSync(idFile, id);
console.log(
  `Run ${runs} (${saved.status}). The stash is in ${folder}; run me again within the hour.`,
);
await adapter.close();
