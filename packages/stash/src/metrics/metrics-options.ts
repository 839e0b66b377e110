import type { Registry } from "prom-client";
import type { MemoryAdapter } from "../memory-adapter.ts";

/** What a node knows of a store that it keeps a copy of. */
export interface MirrorFigures {
  readonly entries: number;
  readonly bytes: number;
  /** Changes that are known to be on their way. */
  readonly lagMessages: number;
}

/** An adapter that keeps a mirror, as `@live-stash/nats` does. */
export interface MirroringAdapter {
  figures(): { readonly mirror: MirrorFigures };
}

/** What to measure, and where to. */
export interface StashMetricsOptions {
  /** The registry that `/metrics` prints. */
  readonly register: Registry;
  /** Memory adapters whose figures are shown too, by a name for the label `adapter_instance`. */
  readonly memoryAdapters?: Readonly<Record<string, MemoryAdapter>>;
  /** Adapters with a mirror whose figures are shown too, by a name for the label `adapter_instance`. */
  readonly mirrors?: Readonly<Record<string, MirroringAdapter>>;
}
