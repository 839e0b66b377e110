import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../.view-secret", import.meta.url));

/**
 * The secret of pages where `LIVE_VIEW_SECRET` sets none: made once and kept in a file, so that a
 * page that is open while the showcase is stopped and started again still finds its way back.
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
