import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { StashError } from "live-stash";
import { startTimeLimit } from "live-stash/adapter";
import {
  hostInUrl,
  parseServerOptions,
  serverConfig,
  type ServerSettings,
  type StartNatsServerOptions,
} from "./server-options.ts";

export type { StartNatsServerOptions } from "./server-options.ts";

/** A nats-server that runs as a child of this process, and ends when this process ends. */
export interface NatsServer {
  /** The URL for clients: `nats://host:port`. */
  readonly url: string;
  readonly port: number;
  /** The port for peers; `undefined` for a server without peers. */
  readonly clusterPort: number | undefined;
  readonly pid: number;
  /** Resolves when the server has ended, for any reason. Never rejects. */
  readonly exited: Promise<void>;
  /** Resolves once the server has printed a line that matches. Rejects if it ends without one. */
  untilLine(pattern: RegExp): Promise<void>;
  /** Stops the server, and resolves when it has ended. Kills it after 5,000 ms. Can be called again. */
  stop(): Promise<void>;
}

const KILL_AFTER_MS = 5_000;
const CLIENT_PORT = /Listening for client connections on .*:(\d+)/;
const CLUSTER_PORT = /Listening for route connections on .*:(\d+)/;

/**
 * Starts a nats-server with JetStream beside the application, and joins it to its peers. Resolves when
 * clients can connect. Stashes can be saved once more than half of the peers run.
 *
 * Throws a `StashError` with `invalid_option`; rejects with `adapter_unavailable` and the server's
 * output if the server is not installed, ends, or is not ready in time.
 */
export async function startNatsServer(options: StartNatsServerOptions = {}): Promise<NatsServer> {
  const settings = parseServerOptions(options);
  const folder = mkdtempSync(join(tmpdir(), "live-stash-nats-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const configPath = join(folder, "nats.conf");
    const name = settings.name ?? `${settings.clusterHost}:${settings.clusterPort}`;
    const config = serverConfig(settings, name, settings.storeDir ?? join(folder, "store"));
    // The configuration may contain the token, so only this user may read the file.
    writeFileSync(configPath, config, { mode: 0o600 });
    return await run(settings, configPath, removeFolder);
  } catch (error) {
    removeFolder();
    throw error;
  }
}

async function run(
  settings: ServerSettings,
  configPath: string,
  removeFolder: () => void,
): Promise<NatsServer> {
  const { binary, host, peers, readyTimeoutMs } = settings;
  const child = spawn(binary, ["--config", configPath], {
    stdio: ["ignore", "pipe", "pipe"],
    // A Ctrl-C in the terminal must only reach this process, which stops the server last.
    detached: true,
  });
  const output = new ServerOutput();
  output.read(child.stdout);
  output.read(child.stderr);
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      output.end();
      removeFolder();
      resolve();
    });
  });
  const pid = await pidOf(child, binary);
  killWithParent(child, pid);
  const endLimit = startTimeLimit(readyTimeoutMs, () => child.kill("SIGKILL"));
  try {
    await output.until(/Server is ready/);
    const port = Number((await output.until(CLIENT_PORT))[1]);
    const clusterPort =
      peers.length === 0 ? undefined : Number((await output.until(CLUSTER_PORT))[1]);
    return {
      url: `nats://${hostInUrl(host)}:${port}`,
      port,
      clusterPort,
      pid,
      exited,
      async untilLine(pattern) {
        await output.until(pattern);
      },
      stop: () => stop(child, exited),
    };
  } catch {
    child.kill("SIGKILL");
    throw notReady(binary, readyTimeoutMs, output.text());
  } finally {
    endLimit();
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  // A frozen process handles SIGTERM only after it continues.
  child.kill("SIGCONT");
  const timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  await exited;
  clearTimeout(timer);
}

function pidOf(child: ChildProcess, binary: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(notInstalled(binary, cause)));
    child.once("spawn", () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

/**
 * Waits for the line that this process writes when the child has exited. If the input ends without it,
 * this process has ended, even by SIGKILL, and the script kills the child.
 */
const GUARD_SCRIPT = 'read -r over && exit 0; kill -s KILL "$1"';

/** Kills a child when this process ends, even if `SIGKILL` ends it. */
function killWithParent(child: ChildProcess, pid: number): void {
  const guard = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "guard", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    // A Ctrl-C in the terminal must not end the guard before this process.
    detached: true,
  });
  guard.unref();
  // Without a guard the child may outlive this process; everything else works.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  if (child.exitCode === null && child.signalCode === null) {
    child.once("exit", () => guard.stdin.end("over\n"));
  } else {
    guard.stdin.end("over\n");
  }
}

/** The number of lines to keep for error messages: a failed start prints fewer. */
const KEPT_LINES = 200;

interface LineWaiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (reason: Error) => void;
}

/** The latest lines that a server has printed, for error messages and for callers that await a line. */
class ServerOutput {
  #lines: string[] = [];
  #waiters: LineWaiter[] = [];
  #hasEnded = false;

  /** Adds the lines of a stream as they arrive. */
  read(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      this.#waiters = this.#waiters.filter(({ pattern, resolve }) => {
        const match = pattern.exec(line);
        if (match !== null) resolve(match);
        return match === null;
      });
    });
  }

  text(): string {
    return this.#lines.join("\n");
  }

  /** Resolves with the first match among past and future lines. Rejects if the server ends without one. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const found = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found !== undefined && found !== null) resolve(found);
      else if (this.#hasEnded) reject(endedWithout(pattern));
      else this.#waiters.push({ pattern, resolve, reject });
    });
  }

  end(): void {
    this.#hasEnded = true;
    for (const { pattern, reject } of this.#waiters.splice(0)) reject(endedWithout(pattern));
  }
}

function endedWithout(pattern: RegExp): Error {
  return new Error(`Expected nats-server to print a line ${pattern}, got its end.`);
}

function notInstalled(binary: string, cause: Error): StashError {
  return new StashError(
    "adapter_unavailable",
    `startNatsServer() failed: expected to start \`${binary}\`, got an error (see cause). Install ` +
      "nats-server 2.9.10 or newer (Debian: apt-get install nats-server, macOS: brew install " +
      "nats-server), or name its path as `binary`.",
    { cause },
  );
}

function notReady(binary: string, readyTimeoutMs: number, printed: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `startNatsServer() failed: expected \`${binary}\` to be ready within ${readyTimeoutMs} ms, got no ` +
      `such line. Check ports and options. Its output:\n${printed}`,
  );
}
