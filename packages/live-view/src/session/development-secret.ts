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

/** A secret for an application in development, with the file that keeps it or the reason for none. */
export type DevelopmentSecret = { readonly secret: string } & (
  | { readonly keptIn: string }
  | { readonly notKeptBecause: string }
);

/** The text of a secret: 32 random bytes as base64url. */
const SECRET = /^[\w-]{43}$/;

/** Flags that refuse a symbolic link and do not block on a named pipe. Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Generates a secret, or reads the one that an earlier process of this project generated. The file
 * belongs to the user and is outside of the project, so that the secret gets into no image, archive or
 * repository. A file that others could have read or written is not used. Never throws.
 *
 * `@live-stash/live-view` and `live-stash` have a copy each, because neither depends on the other.
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

/** Returns the folder in which programs of this user keep state that is no configuration. */
function stateFolder({ XDG_STATE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  const chosen = process.platform === "win32" ? LOCALAPPDATA : XDG_STATE_HOME;
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, "live-stash");
  const home = homedir();
  if (isAbsolute(home)) return join(home, ".local", "state", "live-stash");
  throw new Refusal("the user has no home folder");
}

/** Returns the folder of the nearest package.json above `folder`, or `folder` itself. */
function projectFolder(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return realpathSync(at);
    if (at === dirname(at)) return realpathSync(folder);
  }
}

function nameOf(project: string): string {
  return createHash("sha256").update(project).digest("hex").slice(0, 32);
}

/** Creates the folder if it is missing. Refuses a folder to which others may write. */
function ownFolder(folder: string): string {
  if (!existsSync(folder)) {
    let above = dirname(folder);
    while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
    // `sudo` may leave HOME set to the home of another user, which must not get folders of this user.
    if (!isOwn(statSync(above))) throw new Refusal(`${above} belongs to another user`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  // `lstat`, because a symbolic link may lead anywhere.
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) throw new Refusal(`${folder} is no folder`);
  if (!isOwn(stats)) throw new Refusal(`${folder} belongs to another user`);
  if (isOpenTo(stats, 0o022)) throw new Refusal(`other users may write to ${folder}`);
  return folder;
}

/** Reads the secret; `undefined` if there is no file. Refuses a file that others may read or write. */
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
 * Writes a draft and links it to `path`. Of processes that start together, one wins and none reads a
 * partial secret. An existing file or link is neither followed nor overwritten.
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

/** Windows has no owners and modes to compare. Its users have no access to each other's folders. */
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
