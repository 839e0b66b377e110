import type { KeepAliveOutcome, KeepAliveRequest } from "live-stash/adapter";

/** So many wait for Redis at a time; the others for their turn, so that nobody else has to. */
const GROUP = 500;

/** Keeps any number of stashes alive, group after group. */
export async function keepAllAlive(
  requests: readonly KeepAliveRequest[],
  keepAlive: (request: KeepAliveRequest) => Promise<KeepAliveOutcome>,
): Promise<readonly KeepAliveOutcome[]> {
  const outcomes: KeepAliveOutcome[] = [];
  for (let from = 0; from < requests.length; from += GROUP) {
    const group = requests.slice(from, from + GROUP);
    outcomes.push(...(await Promise.all(group.map((request) => keepAlive(request)))));
  }
  return outcomes;
}
