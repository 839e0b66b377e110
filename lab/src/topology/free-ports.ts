import { freePort } from "@live-stash/test-servers";

/** Free TCP ports on 127.0.0.1, no two alike: nobody listens on them yet, so one may be found twice. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
