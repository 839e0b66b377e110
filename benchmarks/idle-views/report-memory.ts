import { settledMemoryBytes } from "../measure.ts";

/** Tells the parent which port this server listens on, and answers each of its messages with the memory taken. */
export function reportMemoryOn(port: number): void {
  process.on("message", () => {
    void settledMemoryBytes().then((memory) => process.send?.(memory));
  });
  process.send?.({ port });
}
