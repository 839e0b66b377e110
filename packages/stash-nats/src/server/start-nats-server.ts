import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StashError } from "live-stash";
import { startTimeLimit } from "live-stash/adapter";
import {
  hostInUrl,
  parseServerOptions,
  serverConfig,
  type ServerSettings,
  type StartNatsServerOptions,
} from "./server-options.ts";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export type { StartNatsServerOptions } from "./server-options.ts";

/** A nats-server that runs as a child of this process, and ends with it. */
export interface NatsServer {
  /** What clients connect to: `nats://host:port`. */
  readonly url: string;
  readonly port: number;
  /** What peers connect to; `undefined` on its own. */
  readonly clusterPort: number | undefined;
  readonly pid: number;
  /** Resolves when it has ended, whatever the reason. Never rejects. */
  readonly exited: Promise<void>;
  /** Resolves once it printed a line that matches; rejects when it ends without one. */
  untilLine(pattern: RegExp): Promise<void>;
  /** Ends it, and resolves when it is gone. After 5,000 ms it is killed. Stopping again does nothing. */
  stop(): Promise<void>;
}

const STOPS_WITHIN_MS = 5_000;
const CLIENT_PORT = /Listening for client connections on .*:(\d+)/;
const CLUSTER_PORT = /Listening for route connections on .*:(\d+)/;

/**
 * Starts a nats-server with JetStream beside the application and joins it to its peers. Resolves when
 * clients can connect; whether stashes can be kept yet depends on how many of the peers are there.
 *
 * Throws a `StashError` with `invalid_option`; rejects with `adapter_unavailable` if the server is not
 * installed, ends, or is not ready in time, with what it printed.
 */
export async function startNatsServer(options: StartNatsServerOptions = {}): Promise<NatsServer> {
  const settings = parseServerOptions(options);
  const folder = mkdtempSync(join(tmpdir(), "live-stash-nats-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const configPath = join(folder, "nats.conf");
    const name = settings.name ?? `${settings.clusterHost}:${settings.clusterPort}`;
    const config = serverConfig(settings, name, settings.storeDir ?? join(folder, "store"));
    // It may hold the token.
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
    // A Ctrl-C in the terminal reaches this process, which stops its server when it wants to.
    detached: true,
  });
  const log = new ServerLog();
  log.read(child.stdout);
  log.read(child.stderr);
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      log.end();
      removeFolder();
      resolve();
    });
  });
  const pid = await pidOf(child, binary);
  endWithParent(child, pid);
  const endLimit = startTimeLimit(readyTimeoutMs, () => child.kill("SIGKILL"));
  try {
    await log.until(/Server is ready/);
    const port = Number((await log.until(CLIENT_PORT))[1]);
    const clusterPort = peers.length === 0 ? undefined : Number((await log.until(CLUSTER_PORT))[1]);
    return {
      url: `nats://${hostInUrl(host)}:${port}`,
      port,
      clusterPort,
      pid,
      exited,
      async untilLine(pattern) {
        await log.until(pattern);
      },
      stop: () => stop(child, exited),
    };
  } catch {
    child.kill("SIGKILL");
    throw notReady(binary, readyTimeoutMs, log.text());
  } finally {
    endLimit();
  }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  // A stopped process takes other signals only once it goes on.
  child.kill("SIGCONT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
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

function notInstalled(binary: string, cause: Error): StashError {
  return new StashError(
    "adapter_unavailable",
    `startNatsServer() failed: expected to start \`${binary}\`, found that it can not be started (see ` +
      "cause). Install nats-server 2.9.10 or newer (Debian: apt-get install nats-server, macOS: " +
      "brew install nats-server), or name its path as `binary`.",
    { cause },
  );
}

function notReady(binary: string, readyTimeoutMs: number, printed: string): StashError {
  return new StashError(
    "adapter_unavailable",
    `startNatsServer() failed: expected \`${binary}\` ready within ${readyTimeoutMs} ms, found it ended ` +
      `or silent. Check ports and options. It printed:\n${printed}`,
  );
}

/**
 * Waits for a line that this process writes when all is over. If its input ends without one, this
 * process is gone, whatever the way it went, and the child is killed.
 */
const GUARD = 'read -r over && exit 0; kill -s KILL "$1"';

/** Ends a child when this process ends, even if that is killed with `SIGKILL`. */
function endWithParent(child: ChildProcess, pid: number): void {
  const guard = spawn("/bin/sh", ["-c", GUARD, "guard", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    // A Ctrl-C in the terminal is for this process, which has its own way of stopping.
    detached: true,
  });
  guard.unref();
  // Without a guard the child may outlive this process, and nothing else is lost.
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  if (child.exitCode === null && child.signalCode === null) {
    child.once("exit", () => guard.stdin.end("over\n"));
  } else {
    guard.stdin.end("over\n");
  }
}

const KEPT_LINES = 200;

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (reason: Error) => void;
}

/** The last lines that a server printed, for error messages, and awaited by pattern. */
class ServerLog {
  #lines: string[] = [];
  #waiting: Waiting[] = [];
  #hasEnded = false;

  /** Adds a stream's lines as they come. */
  read(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
        const match = pattern.exec(line);
        if (match !== null) resolve(match);
        return match === null;
      });
    });
  }

  text(): string {
    return this.#lines.join("\n");
  }

  /** The first match, of the lines so far and those to come. Rejects when none can come any more. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const found = this.#lines.map((line) => pattern.exec(line)).find((match) => match !== null);
      if (found !== undefined && found !== null) resolve(found);
      else if (this.#hasEnded) reject(new Error(`nats-server ended without a line ${pattern}.`));
      else this.#waiting.push({ pattern, resolve, reject });
    });
  }

  end(): void {
    this.#hasEnded = true;
    for (const { pattern, reject } of this.#waiting.splice(0)) {
      reject(new Error(`nats-server ended without a line ${pattern}.`));
    }
  }
}
