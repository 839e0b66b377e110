import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/** A secret for an application in development, and where it is kept or why it is not. */
export type DevelopmentSecret = { readonly secret: string } & (
  | { readonly keptIn: string }
  | { readonly notKeptBecause: string }
);

/** Of 32 random bytes, as base64url. */
const SECRET = /^[\w-]{43}$/;

/** Follows no link, and waits for no writer of a named pipe. Windows has neither flag, which adds 0. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Makes a secret up, or finds the one that an earlier process of this project made up: it is kept in
 * a file of the user's own, outside of the project, so that it gets into no image, archive or
 * repository. What others could have read or written is not used. Never throws.
 *
 * `@live-stash/live-view` and `live-stash` each have this file, as neither depends on the other.
 */
export function developmentSecret(purpose: string, env: NodeJS.ProcessEnv): DevelopmentSecret {
  let path = "";
  try {
    const folder = ownFolder(stateFolder(env));
    path = join(folder, `${purpose}-${nameOf(projectFolder(process.cwd()))}.secret`);
    return { secret: readSecret(path) ?? createSecret(path), keptIn: path };
  } catch (error) {
    return { secret: randomSecret(), notKeptBecause: reasonOf(error, path) };
  }
}

function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Where this user's programs keep what is worth keeping, but is no configuration. */
function stateFolder({ XDG_STATE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  const chosen = process.platform === "win32" ? LOCALAPPDATA : XDG_STATE_HOME;
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, "live-stash");
  const home = homedir();
  if (isAbsolute(home)) return join(home, ".local", "state", "live-stash");
  throw new Refusal("the user has no home folder");
}

/** The folder of the nearest package.json, or the one given. */
function projectFolder(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return realpathSync(at);
    if (at === dirname(at)) return realpathSync(folder);
  }
}

function nameOf(project: string): string {
  return createHash("sha256").update(project).digest("hex").slice(0, 32);
}

/** Makes the folder if it is not there; what others may write to is refused. */
function ownFolder(folder: string): string {
  if (!existsSync(folder)) {
    let above = dirname(folder);
    while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
    // Another user's home (`sudo` may leave it set) must not get folders of this user's.
    if (!isOwn(statSync(above))) throw new Refusal(`${above} belongs to another user`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  // Not through a symbolic link, which may lead anywhere.
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) throw new Refusal(`${folder} is no folder`);
  if (!isOwn(stats)) throw new Refusal(`${folder} belongs to another user`);
  if (isOpenTo(stats, 0o022)) throw new Refusal(`other users may write to ${folder}`);
  return folder;
}

/** The secret in the file; `undefined` if there is no file. Refuses what others could know or set. */
function readSecret(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, READ_FLAGS);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Refusal(`${path} is no file`);
    if (!isOwn(stats)) throw new Refusal(`${path} belongs to another user`);
    if (isOpenTo(stats, 0o077)) throw new Refusal(`other users may read or write ${path}`);
    const text = stats.size === 43 ? readFileSync(file, "latin1") : "";
    if (SECRET.test(text)) return text;
    throw new Refusal(`${path} holds something else; delete it`);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a file of another name and links it to its own: of processes that start together one wins,
 * none reads half of a secret, and nothing that is there is followed or overwritten.
 */
function createSecret(path: string): string {
  const secret = randomSecret();
  const draft = `${path}.${randomBytes(9).toString("base64url")}`;
  try {
    writeFileSync(draft, secret, { flag: "wx", mode: 0o600, flush: true });
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    if (existsSync(draft)) unlinkSync(draft);
  }
  const kept = readSecret(path);
  if (kept === undefined) throw new Refusal(`${path} was deleted at once`);
  return kept;
}

/** Windows has no owners and modes to compare: a user's own folders are closed to others there. */
function isOwn({ uid }: Stats): boolean {
  return process.geteuid === undefined || uid === process.geteuid();
}

function isOpenTo({ mode }: Stats, bits: number): boolean {
  return process.geteuid !== undefined && (mode & bits) !== 0;
}

class Refusal extends Error {}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof Refusal) return error.message;
  const place = path === "" ? "the user's state folder" : path;
  return `${place} cannot be used (${codeOf(error) ?? "unknown error"})`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
