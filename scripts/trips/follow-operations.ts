import { createNatsAdapter } from "@live-stash/nats";
import { createRedisAdapter } from "@live-stash/redis";
import { freePort, startNats, startRedis } from "@live-stash/test-servers";
import { createMemoryAdapter, liveStash, recoverState, stash, type StashHook } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { TOKEN_PARAM, TOKEN_EVENT, type TokenEvent, type StashHost } from "live-stash/host";
import { peersOverHttp } from "live-stash/peers";

declare global {
  /** Called by each function of the stash packages, see noted-functions.mjs. */
  var noteEntry: ((file: string) => void) | undefined;
}

/** One operation, with the file of each function that it entered, in order. */
export interface Trip {
  readonly name: string;
  readonly visits: readonly string[];
}

interface Assigns {
  count: number;
}

const SECRET = "a secret for counting trips, and for nothing else";

/** A browser's page without a browser: its views join with the token that the page was given. */
class Page {
  readonly #hook: StashHook<Assigns>;
  #token: string | undefined;
  #mounts = 0;
  host: StashHost & { assigns: Assigns };

  private constructor(adapter: StashAdapter) {
    this.#hook = liveStash<Assigns>({ storedKeys: ["count"], adapter, secret: SECRET });
    this.host = this.join();
  }

  /** A page that is loaded for the first time. */
  static async open(adapter: StashAdapter): Promise<Page> {
    const page = new Page(adapter);
    await recoverState(page.host);
    return page;
  }

  join(adapter?: StashAdapter): StashHost & { assigns: Assigns } {
    const host: StashHost & { assigns: Assigns } = {
      id: "phx-1",
      view: { name: "counter" },
      connected: true,
      connectParams: {
        _mounts: this.#mounts,
        ...(this.#token === undefined ? {} : { [TOKEN_PARAM]: this.#token }),
      },
      session: { id: "session" },
      assigns: { count: 0 },
      assign(values) {
        host.assigns = { ...host.assigns, ...values };
      },
      pushEvent: (name, payload) => {
        const event = payload as TokenEvent;
        if (name === TOKEN_EVENT && "h" in event) this.#token = event.h ?? undefined;
      },
      waitUntil() {},
    };
    this.#mounts += 1;
    const hook =
      adapter === undefined
        ? this.#hook
        : liveStash<Assigns>({ storedKeys: ["count"], adapter, secret: SECRET });
    hook.onMount(host);
    this.host = host;
    return host;
  }

  async stash(): Promise<void> {
    this.host.assigns = { count: this.host.assigns.count + 1 };
    const { status } = await stash(this.host);
    if (status !== "saved") throw new Error(`Expected a stash that is saved, found ${status}.`);
  }

  async recover(): Promise<void> {
    const { status } = await recoverState(this.host);
    if (status !== "recovered") throw new Error(`Expected a recovered state, found ${status}.`);
  }
}

async function follow(name: string, operation: () => Promise<unknown>): Promise<Trip> {
  const visits: string[] = [];
  globalThis.noteEntry = (file) => visits.push(file);
  try {
    await operation();
  } finally {
    globalThis.noteEntry = undefined;
  }
  return { name, visits };
}

/** Follows a page's first stash, a later one, and a recovery after a lost connection. */
async function followPage(name: string, adapter: StashAdapter): Promise<readonly Trip[]> {
  // A page before it: what happens once per process or adapter is no part of an operation's way.
  const before = await Page.open(adapter);
  await before.stash();
  before.join();
  await before.recover();

  const page = await Page.open(adapter);
  const first = await follow(`${name}: first stash`, () => page.stash());
  const later = await follow(`${name}: later stash`, () => page.stash());
  page.join();
  return [first, later, await follow(`${name}: recovery`, () => page.recover())];
}

/** Follows a recovery on another node than the one that has the stash; counts what both nodes enter. */
async function followMove(): Promise<Trip> {
  const ports = [await freePort(), await freePort()];
  const nodes = ports.map((port) => `http://127.0.0.1:${port}`);
  const adapters = ports.map((port) =>
    createMemoryAdapter({
      peers: peersOverHttp({ nodes, listen: { port, host: "127.0.0.1" }, secret: SECRET }),
    }),
  );
  const [one, two] = adapters;
  if (one === undefined || two === undefined) throw new Error("Expected two adapters.");
  try {
    await Promise.all(adapters.map((adapter) => adapter.ready()));
    // The first move opens the connection, which is no part of a later one's way.
    const before = await Page.open(one);
    await before.stash();
    before.join(two);
    await before.recover();

    const page = await Page.open(one);
    await page.stash();
    page.join(two);
    return await follow("memory: recovery from a peer, both nodes", () => page.recover());
  } finally {
    await Promise.all(adapters.map((adapter) => adapter.close()));
  }
}

export async function followOperations(): Promise<readonly Trip[]> {
  const trips: Trip[] = [];
  const memory = createMemoryAdapter();
  trips.push(...(await followPage("memory", memory)));
  await memory.close();
  trips.push(await followMove());

  const redisServer = await startRedis();
  const redis = createRedisAdapter({ url: redisServer.url });
  trips.push(...(await followPage("Redis", redis)));
  await redis.close?.();
  await redisServer.stop();

  const natsServer = await startNats();
  const nats = createNatsAdapter({ servers: natsServer.url });
  trips.push(...(await followPage("NATS", nats)));
  await nats.close();
  await natsServer.stop();
  return trips;
}
