import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { OutputLines } from "./output-lines.ts";
import { endWithParent } from "./end-with-parent.ts";

/** The program to start, and the line that shows that it is ready. */
export interface SpawnServerOptions {
  /** The executable: its path, or its name on `PATH`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables to add to this process's environment. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The working directory. Default: this process's. */
  readonly cwd?: string;
  /** The server is ready at the first line of stdout or stderr that matches. */
  readonly readyLine: RegExp;
  /**
   * The time limit for that line, in ms. Default: 60,000, which is less than the suite's limit per test,
   * so that a test fails with the server's output.
   */
  readonly readyTimeoutMs?: number;
}

/** The end of a server: by itself with an exit code, or by a signal. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that is ready. */
export interface SpawnedServer {
  readonly pid: number;
  /** The match of `readyLine`, whose groups can contain the port. */
  readonly ready: RegExpExecArray;
  /** Resolves when the process has ended and all its output has been read. Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Returns the last 1,000 lines of stdout and stderr, in the order of arrival. */
  output(): string;
  /** Resolves with the match once a line matches. Rejects if the server ends without one. */
  untilLine(pattern: RegExp): Promise<RegExpExecArray>;
  /**
   * Signals the server and all processes that it has started. Default: `SIGTERM`. `SIGSTOP` and `SIGCONT`
   * freeze and resume them. Await `exited` for the end. Does nothing once the server has ended.
   */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Starts a server as a child process, and resolves when the server is ready.
 *
 * The server leads a process group, which ends with this process, even if this process is killed with
 * `SIGKILL`.
 *
 * @throws Error with the server's output if it cannot be started, ends, or is not ready in time.
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
    lines.end(`it was not ready within ${readyTimeoutMs} ms`);
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
