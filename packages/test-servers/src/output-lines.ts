import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const keptLines = 1_000;

interface Waiting {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (reason: Error) => void;
}

/** The lines that a process prints: kept for error messages, and awaited by pattern. */
export class OutputLines {
  readonly #doing: string;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<Waiting>();
  #endedBecause: string | undefined;

  /** @param doing The beginning of error messages, such as "Waiting for a line of `nginx`". */
  constructor(doing: string) {
    this.#doing = doing;
  }

  /** Adds a stream's lines as they arrive. */
  read(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      this.#add(line);
    });
  }

  /** Returns the output so far. */
  text(): string {
    return this.#lines.join("\n");
  }

  /** Resolves with the first match among past and future lines. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      for (const line of this.#lines) {
        const match = pattern.exec(line);
        if (match !== null) {
          resolve(match);
          return;
        }
      }
      const waiting = { pattern, resolve, reject };
      if (this.#endedBecause === undefined) this.#waiting.add(waiting);
      else reject(this.#missing(waiting, this.#endedBecause));
    });
  }

  /** Rejects all pending calls of `until`, because the process prints no more lines. */
  end(because: string): void {
    this.#endedBecause ??= because;
    for (const waiting of this.#waiting) waiting.reject(this.#missing(waiting, because));
    this.#waiting.clear();
  }

  #add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    for (const waiting of this.#waiting) {
      const match = waiting.pattern.exec(line);
      if (match === null) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(match);
    }
  }

  #missing({ pattern }: Waiting, because: string): Error {
    const printed = this.text() === "" ? "It printed nothing." : `It printed:\n${this.text()}`;
    return new Error(`${this.#doing} that matches ${pattern}: ${because}. ${printed}`);
  }
}
