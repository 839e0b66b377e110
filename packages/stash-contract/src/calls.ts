import type { StashId } from "live-stash/adapter";
import type { AdapterNode } from "./adapter-node.ts";
import { newId } from "./samples.ts";

/** For an adapter without a service: far more than it needs. */
export const SETTLES_WITHIN_MS = 10_000;

/** By name, so that a failing one can be told. */
export type Calls = Readonly<Record<string, Promise<unknown>>>;

/** Every call once, on a stash of `one`. */
export function everyCall(node: AdapterNode, id: StashId): Calls {
  return {
    create: node.create(newId(), "one"),
    save: node.save(id, "one"),
    load: node.load(id, "one"),
    keepAlive: node.keepAlive(id, "one"),
    forget: node.forget(id, "one"),
  };
}

/** Applies a check to all of them at once. */
export async function forAll(
  calls: Calls,
  check: (name: string, call: Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  await Promise.all(Object.entries(calls).map(([name, call]) => check(name, call)));
}
