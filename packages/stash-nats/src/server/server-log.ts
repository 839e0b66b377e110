import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const KEPT_LINES = 200;

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (reason: Error) => void;
}

/** The last lines that a server printed, for error messages, and awaited by pattern. */
export class ServerLog {
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
