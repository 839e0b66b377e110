import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { OutputLines } from "./output-lines.ts";
import { endWithParent } from "./end-with-parent.ts";

/** The program to start, and the line that shows that it is ready. */
export interface SpawnServerOptions {
  /** The executable, by path or by a name to be found on `PATH`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to this process's environment. `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory. Default: this process's. */
  readonly cwd?: string;
  /** The first line, of stdout or stderr, that matches says that the server is ready. */
  readonly readyLine: RegExp;
  /**
   * The time limit for that line. Default: 60,000 ms, which is less than the suite's limit per
   * test, so that the error with the server's output is the one that is seen.
   */
  readonly readyTimeoutMs?: number;
}

/** The end of a server: by itself with a code, or by a signal. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that said it was ready. */
export interface SpawnedServer {
  readonly pid: number;
  /** The match of `readyLine`: a group in it can catch the port. */
  readonly ready: RegExpExecArray;
  /** Resolves, and never rejects, when the process has ended and all its output was read. */
  readonly exited: Promise<ServerExit>;
  /** The output so far, stdout and stderr in the order of arrival. Keeps the last 1,000 lines. */
  output(): string;
  /** Resolves with the match once a line matches, or rejects when the server ends without one. */
  untilLine(pattern: RegExp): Promise<RegExpExecArray>;
  /**
   * Signals the server and whatever it started. `SIGTERM` by default; `SIGSTOP` and `SIGCONT` freeze
   * and thaw it. Await `exited` for its end. Does nothing once it has ended.
   */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Starts a server as a child process and resolves when it is ready.
 *
 * The server leads a process group of its own, and the group ends with this process, even if that is
 * killed with `SIGKILL`.
 *
 * @throws Error with what the server printed if it cannot be started, ends, or is not ready in time.
 */
export async function spawnServer(options: SpawnServerOptions): Promise<SpawnedServer> {
  const { command, args = [], env = {}, cwd, readyLine, readyTimeoutMs = 60_000 } = options;
  const commandLine = [command, ...args].join(" ");
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const lines = new OutputLines(`Waiting for a line of \`${commandLine}\``);
  lines.read(child.stdout);
  lines.read(child.stderr);
  const exited = exitOf(child);
  void exited.then(({ code, signal }) => {
    lines.end(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`);
  });

  const pid = await pidOf(child, commandLine);
  const kill = endWithParent(child, pid);
  const timer = setTimeout(() => {
    lines.end(`${readyTimeoutMs} ms went by`);
    kill("SIGKILL");
  }, readyTimeoutMs);
  try {
    const ready = await lines.until(readyLine);
    const untilLine = (pattern: RegExp): Promise<RegExpExecArray> => lines.until(pattern);
    return { pid, ready, exited, output: () => lines.text(), untilLine, kill };
  } finally {
    clearTimeout(timer);
  }
}

function exitOf(child: ChildProcess): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function pidOf(child: ChildProcess, commandLine: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new Error(`Starting \`${commandLine}\` failed. Is it installed?`, { cause }));
    });
    child.once("spawn", () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}
