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

/** The secrets of a process that starts now. */
async function start(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  vi.resetModules();
  const fresh = await import("./secrets.ts");
  const secrets = fresh.resolveSecrets(undefined, environment, logger);
  expect(fresh.resolveSecrets(undefined, environment, logger)).toEqual(secrets);
  return secrets;
}

test("production without a secret does not start, whatever development has kept", async () => {
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

test("in development one is made up and kept between restarts, and one line says where", async () => {
  const first = await start({ XDG_STATE_HOME: folder });
  expect(warnings).toEqual([
    expect.stringMatching(
      /LIVE_VIEW_SECRET is not set; .*, kept in \S+\.secret, .* over a restart/,
    ),
  ]);
  expect(warnings[0]).not.toContain(first[0]);
  // The same line at each start: it was made up at the first one only.
  expect(warnings[0]).not.toContain("made up");
  expect(await start({ XDG_STATE_HOME: folder })).toEqual(first);
});

test("where it cannot be kept each process has another, and one line says why", async () => {
  const first = await start({ XDG_STATE_HOME: "/dev/null" });
  expect(warnings).toEqual([
    expect.stringMatching(/is not kept, as .*\(ENOTDIR\): open pages will reload after a restart/),
  ]);
  expect(await start({ XDG_STATE_HOME: "/dev/null" })).not.toEqual(first);
});

test("the secret of development is kept as live-stash keeps its own, which tests it", () => {
  const source = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  expect(source("./development-secret.ts")).toBe(
    source("../../../stash/src/development-secret.ts"),
  );
});

test("the environment may list several, the newest first", () => {
  expect(resolveSecrets(undefined, { LIVE_VIEW_SECRET: `${LONG}a, ${LONG}b` }, logger)).toEqual([
    `${LONG}a`,
    `${LONG}b`,
  ]);
});

test("a short secret is refused without being shown", () => {
  expect(() => resolveSecrets(["hunter2"], {}, logger)).toThrow(/at least 32 characters.*one of 7/);
  expect(() => resolveSecrets(["hunter2"], {}, logger)).not.toThrow(/hunter2/);
});
