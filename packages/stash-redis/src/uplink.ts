import type { Outage } from "./outage.ts";
import {
  createLink,
  givenLink,
  type GivenRedisClient,
  type LinkEvents,
  type LinkSource,
  type OwnRedisLink,
  type RedisLink,
} from "./redis-link.ts";

/** Gives the link to send with, and cares for it. */
export interface Uplink {
  /** The link for the next command; made at the first, and anew when the old one is stuck. */
  link(): RedisLink;
  /** Lets go of a link that is stuck, and so of what waits there. */
  refresh(): void;
  /** Redis replied with an error. */
  replied(replyCode: string): void;
  /** Ends the link, if it is not the application's. */
  close(): void;
}

/** A client that gives up connecting is followed by another one no sooner than this. */
const REOPEN_DELAY_MS = 250;

/** The link of a client that the application made, and cares for. */
export function givenUplink(client: GivenRedisClient): Uplink {
  const link = givenLink(client);
  return { link: () => link, refresh() {}, replied() {}, close() {} };
}

/**
 * A link of the adapter's own, connected when it is first used.
 *
 * TCP may take a quarter of an hour to find that nobody is there any more: a link of which nothing is
 * heard for `stuckMs`, though it was asked, is replaced.
 */
export function ownUplink(source: LinkSource, outage: Outage, stuckMs: number): Uplink {
  let current: Opened | undefined;

  const drop = (): void => {
    current?.own.destroy();
    current = undefined;
  };

  const open = (): Opened => {
    const opened: Opened = openLink(source, {
      onReady: () => {
        if (current === opened) outage.end();
      },
      onError: (error) => {
        if (current === opened) outage.fail(error);
      },
    });
    outage.hear();
    return opened;
  };

  const refresh = (): void => {
    if (outage.silentMs() >= stuckMs || current?.isWornOut() === true) drop();
  };

  return {
    link() {
      refresh();
      current ??= open();
      return current;
    },
    refresh,
    replied(replyCode) {
      // The name of the server leads to another one now, while the connection holds on to the old.
      if (replyCode === "READONLY" && source.kind === "server") drop();
    },
    close: drop,
  };
}

/** A link on which sending waits until it has connected. */
interface Opened extends RedisLink {
  readonly own: OwnRedisLink;
  /** Whether it gave up connecting, a while ago. */
  isWornOut(): boolean;
}

function openLink(source: LinkSource, events: LinkEvents): Opened {
  const own = createLink(source, events);
  const openedAtMs = performance.now();
  let state: "connecting" | "connected" | "failed" = "connecting";
  const connected = own.connect().then(
    () => {
      state = "connected";
    },
    (error: unknown) => {
      state = "failed";
      events.onError(error);
      throw error;
    },
  );
  // Whoever sends hears of it.
  connected.catch(() => {});
  return {
    own,
    isWornOut: () => state === "failed" && performance.now() - openedAtMs >= REOPEN_DELAY_MS,
    get isReady() {
      return state === "connected" && own.isReady;
    },
    send(key, command, signal) {
      if (state === "connected") return own.send(key, command, signal);
      return connected.then(() => {
        signal?.throwIfAborted();
        return own.send(key, command, signal);
      });
    },
    sendAll(key, commands) {
      if (state === "connected") return own.sendAll(key, commands);
      return connected.then(() => own.sendAll(key, commands));
    },
  };
}
