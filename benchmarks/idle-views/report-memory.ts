import { settledMemoryBytes } from "../measure.ts";

/** Sends the parent this server's port, and answers each of its messages with the memory used. */
export function reportMemoryOn(port: number): void {
  process.on("message", () => {
    void settledMemoryBytes().then((memory) => process.send?.(memory));
  });
  process.send?.({ port });
}
