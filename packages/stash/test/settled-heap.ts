import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Returns the size of the JavaScript heap after a garbage collection, in bytes. */
export function settledHeapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
