import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { BundledProgram } from "@live-stash/test-servers";
import type { LoadOutcome, LoadRequest, SaveOutcome, SaveRequest } from "../src/entries/adapter.ts";
import type { HandOverResult, MemoryFigures } from "../src/entries/peers.ts";

export type PeerCommand =
  | { readonly do: "save"; readonly request: SaveRequest }
  | { readonly do: "load"; readonly request: LoadRequest }
  | { readonly do: "figures" }
  | { readonly do: "handOver" };

export interface PeerCall {
  readonly number: number;
  readonly command: PeerCommand;
}

/** The program of a node: bundle it once, and pass it to `PeerProcess.start`. */
export const peerProgram = new URL("./peer-process.ts", import.meta.url);

/** A node of an application in its own process, which can be frozen and killed. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #calls = 0;

  /** Starts a node. Resolves once the node answers its peers. */
  static async start(
    program: BundledProgram,
    application: string,
    secret: string,
  ): Promise<PeerProcess> {
    const child = fork(program.path, [application, secret], {
      execArgv: [],
      serialization: "advanced",
      // Without the variables of the test runner.
      env: { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"] },
    });
    const started = new PeerProcess(child);
    await new Promise((resolve) => started.#waiting.set(0, resolve));
    return started;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", ({ number, answer }: { number: number; answer: unknown }) => {
      this.#waiting.get(number)?.(answer);
      this.#waiting.delete(number);
    });
  }

  save(request: SaveRequest): Promise<SaveOutcome> {
    return this.#call({ do: "save", request }) as Promise<SaveOutcome>;
  }

  load(request: LoadRequest): Promise<LoadOutcome> {
    return this.#call({ do: "load", request }) as Promise<LoadOutcome>;
  }

  figures(): Promise<MemoryFigures> {
    return this.#call({ do: "figures" }) as Promise<MemoryFigures>;
  }

  handOver(): Promise<HandOverResult> {
    return this.#call({ do: "handOver" }) as Promise<HandOverResult>;
  }

  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Kills the process, and resolves once it has exited. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  #call(command: PeerCommand): Promise<unknown> {
    this.#calls += 1;
    const number = this.#calls;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#child.send({ number, command } satisfies PeerCall);
    });
  }
}
