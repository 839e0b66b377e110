// Threads do not inherit the loader of `node --import tsx`, so this one registers it for itself.
import { register } from "tsx/esm/api";

register();
await import("./load-worker.ts");
