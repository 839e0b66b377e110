/** Where the runtime reports what it cannot tell a caller. `console` fits. */
export interface Logger {
  error(message: string, cause?: unknown): void;
  warn(message: string, cause?: unknown): void;
}
