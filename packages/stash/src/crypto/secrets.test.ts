import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { findSecrets } from "./secrets.ts";

const ONE = "one-secret-of-more-than-32-characters";
const TWO = "two-secret-of-more-than-32-characters";

afterEach(() => vi.restoreAllMocks());

describe("findSecrets()", () => {
  it("returns the secrets of the option, newest first", () => {
    expect(findSecrets([ONE, TWO], { env: { LIVE_STASH_SECRET: "unused" } })).toEqual([ONE, TWO]);
    expect(findSecrets(ONE, { env: {} })).toEqual([ONE]);
  });

  it("returns the secrets of the environment variable, separated by commas", () => {
    expect(findSecrets(undefined, { env: { LIVE_STASH_SECRET: ` ${ONE} ,${TWO}` } })).toEqual([
      ONE,
      TWO,
    ]);
  });

  it.each<[string, unknown, NodeJS.ProcessEnv]>([
    ["a short one", "short", {}],
    ["an empty list", [], {}],
    ["a list with a short one", [ONE, "short"], {}],
    ["a number", 12_345, {}],
    ["a short one in the environment", undefined, { LIVE_STASH_SECRET: "short" }],
    ["a trailing comma in the environment", undefined, { LIVE_STASH_SECRET: `${ONE},` }],
  ])("rejects %s without showing the secret", (_name, option, env) => {
    expect(() => findSecrets(option, { env, of: "createThing" })).toThrow(
      expect.objectContaining({
        code: "invalid_option",
        message: expect.stringMatching(/^createThing\(\): (?!.*(short|12345))/) as string,
      }) as Error,
    );
  });

  it("requires a secret in production", () => {
    for (const env of [
      { NODE_ENV: "production" },
      { NODE_ENV: "production", LIVE_STASH_SECRET: " " },
    ]) {
      expect(() => findSecrets(undefined, { env })).toThrow(
        expect.objectContaining({ code: "missing_secret" }) as Error,
      );
    }
  });

  /** The secrets of a process that starts now, and the warnings that it prints. */
  async function start(env: NodeJS.ProcessEnv): Promise<{ secrets: unknown; warnings: unknown[] }> {
    vi.resetModules();
    const fresh = await import("./secrets.ts");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const secrets = fresh.findSecrets(undefined, { env });
    expect(fresh.findSecrets(undefined, { env: { NODE_ENV: "test" } })).toEqual(secrets);
    const warnings = warn.mock.calls.flat();
    warn.mockRestore();
    return { secrets, warnings };
  }

  it("creates a secret in development, keeps it between restarts and logs once where", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-stash-secrets-"));
    try {
      const { secrets, warnings } = await start({ XDG_STATE_HOME: folder });
      expect(warnings).toEqual([expect.stringContaining(`kept in ${folder}`)]);
      expect(warnings[0]).not.toContain((secrets as string[])[0]);
      // The same line at each start: the secret was generated at the first one only.
      expect(warnings[0]).not.toContain("generated");
      expect(await start({ XDG_STATE_HOME: folder })).toEqual({ secrets, warnings });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("returns another secret in each process if it cannot keep one, and logs once why", async () => {
    const env = { XDG_STATE_HOME: "/dev/null" };
    const { secrets, warnings } = await start(env);
    expect(warnings).toEqual([
      expect.stringMatching(/is not kept, as .* \(ENOTDIR\): stashes will not survive a restart/),
    ]);
    expect((await start(env)).secrets).not.toEqual(secrets);
  });

  it("neither creates nor reads the secret of development in production", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-stash-secrets-"));
    try {
      const production = { NODE_ENV: "production", XDG_STATE_HOME: folder };
      const { findSecrets: find } = await import("./secrets.ts");
      expect(() => find(undefined, { env: production })).toThrow(/expected the option `secret`/);
      expect(readdirSync(folder)).toEqual([]);
      await start({ XDG_STATE_HOME: folder });
      expect(() => find(undefined, { env: production })).toThrow(/expected the option `secret`/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
