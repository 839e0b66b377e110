import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../.view-secret", import.meta.url));

/**
 * The secret of pages if `LIVE_VIEW_SECRET` is not set. It is generated once and stored in a file, so that
 * an open page still reconnects after the showcase was restarted.
 */
export function keptViewSecret(): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    const secret = randomBytes(32).toString("base64url");
    writeFileSync(path, secret, { mode: 0o600 });
    return secret;
  }
}
