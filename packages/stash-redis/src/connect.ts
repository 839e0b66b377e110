import { StashError } from "live-stash";
import { Outage } from "./outage.ts";
import { RedisConnection } from "./redis-connection.ts";
import { createLink, type LinkSource } from "./redis-link.ts";
import type { RedisSettings } from "./redis-options.ts";
import { SendQueue } from "./send-queue.ts";
import { givenUplink, ownUplink } from "./uplink.ts";

/** After this many timeouts without a sign of life, a connection is stuck. */
const TIMEOUTS_OF_SILENCE = 10;

/** A connection that is made when it is first used. Rejects with `invalid_option`. */
export function connect(settings: RedisSettings): RedisConnection {
  const { source, timeoutMs, maxQueueLength, maxQueueBytes, clock, isCluster } = settings;
  const outage = new Outage();
  if (source.kind !== "given") checkOptions(source);
  const uplink =
    source.kind === "given"
      ? givenUplink(source.client)
      : ownUplink(source, outage, TIMEOUTS_OF_SILENCE * timeoutMs);
  const queue = new SendQueue(maxQueueLength, maxQueueBytes);
  return new RedisConnection({ timeoutMs, queue, uplink, outage, clock, isCluster });
}

/** The client checks its options when it is made, so one is made that nobody will connect. */
function checkOptions(source: LinkSource): void {
  try {
    createLink(source, { onReady: ignore, onError: ignore });
  } catch {
    // Not as cause: the client's message may quote a URL with a password.
    throw new StashError(
      "invalid_option",
      `createRedisAdapter() was called with wrong options of a ${source.kind}: expected options that ` +
        "the package `redis` takes, found others. Try them with its own create function, which says " +
        "what is wrong.",
    );
  }
}

function ignore(): void {}
