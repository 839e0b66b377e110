import { createRedisAdapter } from "@live-stash/redis";
import {
  createBrowserHeldAdapter,
  createMemoryAdapter,
  type MemoryAdapter,
  type StashAdapter,
} from "live-stash";
import type { AdapterName } from "../result.ts";

/** What an adapter needs to know to find its service. */
export interface ServiceAddresses {
  readonly redisUrl: string | undefined;
  /** Separated by commas. */
  readonly natsUrl: string | undefined;
}

/** The adapter of a page, and what it tells about itself. */
export interface BenchAdapter {
  /** `undefined` for the baseline. */
  readonly adapter: StashAdapter | undefined;
  /** What it holds in this process. */
  figures(): { readonly bytes: number; readonly entries: number };
  /** Bytes from and to other nodes since the start. */
  interNodeBytes(): { readonly in: number; readonly out: number };
}

/** Creates the adapter of that name, with the defaults that its documentation gives. */
export function createBenchAdapter(name: AdapterName, services: ServiceAddresses): BenchAdapter {
  switch (name) {
    case "baseline":
      return holdingNothing(undefined);
    case "memory":
      return holdingInMemory(createMemoryAdapter());
    case "browser":
      return holdingNothing(createBrowserHeldAdapter({ securityMode: "encrypt" }));
    case "redis":
      return holdingNothing(createRedisAdapter({ url: required(services.redisUrl, "REDIS_URL") }));
    case "nats":
      throw new Error("The page for NATS: expected the package @live-stash/nats, found none.");
  }
}

function holdingNothing(adapter: StashAdapter | undefined): BenchAdapter {
  return {
    adapter,
    figures: () => ({ bytes: 0, entries: 0 }),
    interNodeBytes: () => ({ in: 0, out: 0 }),
  };
}

function holdingInMemory(adapter: MemoryAdapter): BenchAdapter {
  return { ...holdingNothing(adapter), figures: () => adapter.figures() };
}

function required(value: string | undefined, variable: string): string {
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `Starting a node of the lab: expected ${variable} to be set for this adapter, found nothing.`,
  );
}
