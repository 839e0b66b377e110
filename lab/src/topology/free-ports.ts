import { freePort } from "@live-stash/test-servers";

/** Finds distinct free TCP ports on 127.0.0.1. Nothing listens on them yet, so one may be found twice. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
