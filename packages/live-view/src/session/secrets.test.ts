import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { resolveSecrets } from "./secrets.ts";

let warnings: string[];
const logger = { error: () => undefined, warn: (message: string) => void warnings.push(message) };
const LONG = "x".repeat(32);

let folder: string;

beforeEach(() => {
  warnings = [];
  folder = mkdtempSync(join(tmpdir(), "live-view-secrets-"));
  return () => rmSync(folder, { recursive: true });
});

/** Returns the secrets of a process that starts now. */
async function start(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  vi.resetModules();
  const fresh = await import("./secrets.ts");
  const secrets = fresh.resolveSecrets(undefined, environment, logger);
  expect(fresh.resolveSecrets(undefined, environment, logger)).toEqual(secrets);
  return secrets;
}

test("production does not start without a secret, even if a development secret is stored", async () => {
  await start({ XDG_STATE_HOME: folder });
  const kept = readdirSync(join(folder, "live-stash"));
  for (const LIVE_VIEW_SECRET of [undefined, "", " "]) {
    const environment = { NODE_ENV: "production", XDG_STATE_HOME: folder, LIVE_VIEW_SECRET };
    expect(() => resolveSecrets(undefined, environment, logger)).toThrow(
      expect.objectContaining({ code: "missing_secret" }),
    );
  }
  expect(readdirSync(join(folder, "live-stash"))).toEqual(kept);
});

test("a development secret is generated once and stored, and one line in the log says where", async () => {
  const first = await start({ XDG_STATE_HOME: folder });
  expect(warnings).toEqual([
    expect.stringMatching(
      /LIVE_VIEW_SECRET is not set; .*, kept in \S+\.secret, .* survive a restart/,
    ),
  ]);
  expect(warnings[0]).not.toContain(first[0]);
  // Every start logs the same line, although only the first one generated the secret.
  expect(warnings[0]).not.toContain("made up");
  expect(await start({ XDG_STATE_HOME: folder })).toEqual(first);
});

test("a development secret that cannot be stored differs in each process, and one line says why", async () => {
  const first = await start({ XDG_STATE_HOME: "/dev/null" });
  expect(warnings).toEqual([
    expect.stringMatching(/is not kept, as .*\(ENOTDIR\): open pages will reload after a restart/),
  ]);
  expect(await start({ XDG_STATE_HOME: "/dev/null" })).not.toEqual(first);
});

test("development-secret.ts is the same file as in live-stash, whose tests cover it", () => {
  const source = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  expect(source("./development-secret.ts")).toBe(
    source("../../../stash/src/crypto/development-secret.ts"),
  );
});

test("LIVE_VIEW_SECRET may list several secrets, the newest first", () => {
  expect(resolveSecrets(undefined, { LIVE_VIEW_SECRET: `${LONG}a, ${LONG}b` }, logger)).toEqual([
    `${LONG}a`,
    `${LONG}b`,
  ]);
});

test("a short secret is refused, and the error does not contain it", () => {
  expect(() => resolveSecrets(["hunter2"], {}, logger)).toThrow(/at least 32 characters.*one of 7/);
  expect(() => resolveSecrets(["hunter2"], {}, logger)).not.toThrow(/hunter2/);
});
