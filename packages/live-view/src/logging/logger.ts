import { boundedText } from "../message-text.ts";
import { printableCause } from "./printable-cause.ts";

/** Receives errors and warnings that cannot be returned or thrown to a caller. `console` fits. */
export interface Logger {
  error(message: string, cause?: unknown): void;
  warn(message: string, cause?: unknown): void;
}

/**
 * Wraps the application's logger so that it never throws, whatever the logger throws or rejects with,
 * and even if printing the cause throws. Lines and the texts of causes are bounded.
 */
export function guardLogger(logger: Logger): Logger {
  const report = (level: keyof Logger, args: [message: string, cause?: unknown]): boolean => {
    try {
      // A logger may be async, whatever its type says.
      const result: unknown = logger[level](...args);
      if (result instanceof Promise) result.catch(ignore);
      return true;
    } catch {
      return false;
    }
  };
  const guarded =
    (level: keyof Logger) =>
    (message: string, ...rest: [cause?: unknown]): void => {
      const line = boundedText(message);
      if (rest.length === 0) {
        report(level, [line]);
      } else if (!report(level, [line, printableCause(rest[0])])) {
        // The cause may be at fault: a Proxy's traps, a getter or a custom inspection can throw.
        report(level, [`${line} (the cause cannot be printed)`]);
      }
    };
  return { error: guarded("error"), warn: guarded("warn") };
}

function ignore(): void {}
