import { Outage } from "./outage.ts";
import { wrongOption } from "./redis-errors.ts";
import { RedisConnection } from "./redis-connection.ts";
import { createLink, type LinkSource } from "./redis-link.ts";
import type { RedisSettings } from "./redis-options.ts";
import { SendQueue } from "./send-queue.ts";
import { givenUplink, ownUplink } from "./uplink.ts";

/** After this many timeouts without a sign of life, a connection is stuck. */
const TIMEOUTS_OF_SILENCE = 10;

/**
 * A connection that is made when it is first used. Rejects with `invalid_option`.
 *
 * @param kind on a durable one, saves wait until they have been stored as the options say
 */
export function connect(
  settings: RedisSettings,
  kind: "plain" | "durable" = "plain",
): RedisConnection {
  const { source, timeoutMs, maxQueueLength, maxQueueBytes, clock, isCluster } = settings;
  const durability = kind === "durable" ? settings.durability : undefined;
  const outage = new Outage();
  if (source.kind !== "given") checkOptions(source);
  const uplink =
    source.kind === "given"
      ? givenUplink(source.client)
      : ownUplink(source, outage, TIMEOUTS_OF_SILENCE * timeoutMs);
  const queue = new SendQueue(maxQueueLength, maxQueueBytes);
  return new RedisConnection({ timeoutMs, queue, uplink, outage, clock, isCluster, durability });
}

/** The client checks its options when it is made, so one is made that nobody will connect. */
function checkOptions(source: LinkSource): void {
  try {
    createLink(source, { onReady: ignore, onError: ignore });
  } catch {
    // Not as cause: the client's message may quote a URL with a password.
    throw wrongOption(
      source.kind,
      "options that the package `redis` takes",
      "others",
      "Try them with its own create function, which says what is wrong.",
    );
  }
}

function ignore(): void {}
