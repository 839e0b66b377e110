import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { bundleProgram, type BundledProgram } from "@live-stash/test-servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { developmentSecret, type DevelopmentSecret } from "./development-secret.ts";

const isRoot = process.geteuid?.() === 0;
const ANOTHER_USER = 65_534;

let home: string;
let env: NodeJS.ProcessEnv;
let program: BundledProgram;

beforeAll(async () => {
  program = await bundleProgram(new URL("../../test/generate-secret.ts", import.meta.url));
});

afterAll(() => program.close());

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "live-stash-secret-")));
  env = { XDG_STATE_HOME: join(home, "state") };
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** Returns the path of the stored secret; fails if the secret is not stored. */
function placeOf(made: DevelopmentSecret): string {
  return "keptIn" in made ? made.keptIn : expect.unreachable(made.notKeptBecause);
}

/** Returns the reason why the secret is not stored; fails if it is. */
function refusalOf(made: DevelopmentSecret): string {
  expect(made.secret).toMatch(/^[\w-]{43}$/);
  return "notKeptBecause" in made ? made.notKeptBecause : expect.unreachable(made.keptIn);
}

/** Processes that are ready to generate a secret, in this project. */
async function processes(count: number, project: string): Promise<ChildProcess[]> {
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), "{}");
  const children = Array.from({ length: count }, () =>
    fork(program.path, { execArgv: [], cwd: project, env: { ...process.env, ...env } }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  return children;
}

async function generatedBy(child: ChildProcess): Promise<DevelopmentSecret> {
  const answer = once(child, "message");
  child.send("now");
  const [made] = (await answer) as [DevelopmentSecret];
  return made;
}

/** Root may write anywhere, but not to a file system that is read-only. */
function mountReadOnly(folder: string): boolean {
  try {
    execFileSync("mount", ["--bind", folder, folder], { stdio: "ignore" });
  } catch {
    return false;
  }
  execFileSync("mount", ["-o", "remount,bind,ro", folder]);
  return true;
}

describe("the secret of development", () => {
  it("is found again, in a file that only the user can read", () => {
    const made = developmentSecret("stash", env);
    const place = placeOf(made);
    expect(made.secret).toMatch(/^[\w-]{43}$/);
    expect(dirname(place)).toBe(join(home, "state", "live-stash"));
    expect(statSync(place).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(place)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(place))).toEqual([basename(place)]);
    expect(developmentSecret("stash", env)).toEqual(made);
  });

  it("differs for another purpose", () => {
    const made = developmentSecret("stash", env);
    expect(developmentSecret("live-view", env).secret).not.toBe(made.secret);
  });

  it("is kept in the home folder unless XDG_STATE_HOME is an absolute path", () => {
    vi.stubEnv("HOME", home);
    for (const unusable of [undefined, "", "relative/path"]) {
      const place = placeOf(developmentSecret("stash", { XDG_STATE_HOME: unusable }));
      expect(dirname(place)).toBe(join(home, ".local", "state", "live-stash"));
    }
  });

  it("is the same in all folders of a project, and differs in another project", () => {
    const project = join(home, "project");
    mkdirSync(join(project, "src"), { recursive: true });
    writeFileSync(join(project, "package.json"), "{}");
    const folder = vi.spyOn(process, "cwd").mockReturnValue(project);
    const made = developmentSecret("stash", env);
    folder.mockReturnValue(join(project, "src"));
    expect(developmentSecret("stash", env)).toEqual(made);
    folder.mockReturnValue(home);
    expect(developmentSecret("stash", env).secret).not.toBe(made.secret);
  });

  it("is the same for processes that start at the same moment", async () => {
    for (const project of ["a", "b", "c"]) {
      const children = await processes(6, join(home, project));
      const made = await Promise.all(children.map(generatedBy));
      expect(new Set(made.map(({ secret }) => secret)).size).toBe(1);
      expect(new Set(made.map(placeOf)).size).toBe(1);
    }
    expect(readdirSync(join(home, "state", "live-stash"))).toHaveLength(3);
  });
});

describe("the secret of development is not kept", () => {
  /** The file of this project, with a secret that somebody else knows. */
  function plant(): string {
    const place = placeOf(developmentSecret("stash", env));
    writeFileSync(place, "x".repeat(43));
    return place;
  }

  it.each([0o640, 0o604, 0o620, 0o602])("in a file of mode %o", (mode) => {
    const place = plant();
    chmodSync(place, mode);
    const made = developmentSecret("stash", env);
    expect(refusalOf(made)).toBe(`other users may read or write ${place}`);
    expect(made.secret).not.toBe("x".repeat(43));
    expect(readFileSync(place, "utf8")).toBe("x".repeat(43));
  });

  it.each([0o770, 0o707, 0o777, 0o1777])("in a folder of mode %o", (mode) => {
    const folder = dirname(plant());
    chmodSync(folder, mode);
    expect(refusalOf(developmentSecret("stash", env))).toBe(`other users may write to ${folder}`);
  });

  it("at the end of a symbolic link, which is neither read nor written", () => {
    const place = plant();
    const elsewhere = join(home, "elsewhere");
    for (const isThere of [true, false]) {
      rmSync(place);
      if (isThere) writeFileSync(elsewhere, "x".repeat(43), { mode: 0o600 });
      else rmSync(elsewhere);
      symlinkSync(elsewhere, place);
      const made = developmentSecret("stash", env);
      expect(refusalOf(made)).toMatch(/cannot be used \((ELOOP|EMLINK)\)$/);
      expect(made.secret).not.toBe("x".repeat(43));
      expect(existsSync(elsewhere)).toBe(isThere);
      expect(lstatSync(place).isSymbolicLink()).toBe(true);
    }
  });

  it("in a folder that is a symbolic link", () => {
    const elsewhere = join(home, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(join(home, "state"));
    const folder = join(home, "state", "live-stash");
    symlinkSync(elsewhere, folder);
    expect(refusalOf(developmentSecret("stash", env))).toBe(`${folder} is no folder`);
    expect(readdirSync(elsewhere)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
    expect(refusalOf(developmentSecret("stash", env))).toMatch(/cannot be used \(\w+\)$/);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it.runIf(isRoot)("in what belongs to another user", () => {
    const place = plant();
    chownSync(place, ANOTHER_USER, ANOTHER_USER);
    expect(refusalOf(developmentSecret("stash", env))).toBe(`${place} belongs to another user`);
    const folder = dirname(place);
    chownSync(folder, ANOTHER_USER, ANOTHER_USER);
    expect(refusalOf(developmentSecret("stash", env))).toBe(`${folder} belongs to another user`);
    rmSync(folder, { recursive: true });
    chownSync(dirname(folder), ANOTHER_USER, ANOTHER_USER);
    expect(refusalOf(developmentSecret("stash", env))).toMatch(/state belongs to another user$/);
    expect(existsSync(folder)).toBe(false);
  });

  it.each([0, 42, 44, 2 ** 20])("in a file of %i bytes, which is not overwritten", (bytes) => {
    const place = plant();
    writeFileSync(place, "x".repeat(43));
    truncateSync(place, bytes);
    expect(refusalOf(developmentSecret("stash", env))).toBe(
      `${place} holds something else; delete it`,
    );
    expect(statSync(place).size).toBe(bytes);
  });

  it("in a file with other characters", () => {
    writeFileSync(plant(), "é".repeat(21) + "x");
    expect(refusalOf(developmentSecret("stash", env))).toMatch(/holds something else/);
  });

  it("in a folder or a named pipe, and the process does not wait for either", () => {
    const place = plant();
    rmSync(place);
    mkdirSync(place, { mode: 0o700 });
    expect(refusalOf(developmentSecret("stash", env))).toBe(`${place} is no file`);
    rmSync(place, { recursive: true });
    execFileSync("mkfifo", ["-m", "600", place]);
    expect(refusalOf(developmentSecret("stash", env))).toBe(`${place} is no file`);
  });

  it("if the state folder is a file", () => {
    writeFileSync(join(home, "state"), "");
    expect(refusalOf(developmentSecret("stash", env))).toBe(
      "the user's state folder cannot be used (ENOTDIR)",
    );
  });

  it("if the user has no home folder", () => {
    vi.stubEnv("HOME", "not absolute");
    expect(refusalOf(developmentSecret("stash", {}))).toBe("the user has no home folder");
  });

  it("on a read-only file system, but an existing one is read", ({ skip }) => {
    const place = placeOf(developmentSecret("stash", env));
    const folder = dirname(place);
    const isMounted = isRoot && mountReadOnly(folder);
    skip(isRoot && !isMounted, "root may write anywhere, and must not mount here");
    if (!isRoot) chmodSync(folder, 0o500);
    try {
      expect(placeOf(developmentSecret("stash", env))).toBe(place);
      expect(refusalOf(developmentSecret("other", env))).toMatch(
        /other-\w+\.secret cannot be used \((EROFS|EACCES)\)$/,
      );
    } finally {
      if (isMounted) execFileSync("umount", [folder]);
      else chmodSync(folder, 0o700);
    }
  });
});
