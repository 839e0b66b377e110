import { randomUUID } from "node:crypto";
import { StashError } from "live-stash";
import { isEarlierOwner, type KeepAliveOutcome, type StashAdapter } from "live-stash/adapter";
import { hasCode, type Marker, StashFolders } from "./stash-folders.ts";

export interface FileAdapterOptions {
  /** A folder on a local disk, created if it is missing. Processes that share it share their stashes. */
  readonly folder: string;
  /** Default: the system's clock. */
  readonly clock?: { now(): number };
}

const MAX_BYTES = 1_048_576;
const SWEEP_INTERVAL_MS = 60_000;
/** The number of lost races after which a call gives up. */
const MAX_TRIES = 100;

/** Keeps stashes in files, for all processes of one machine. */
export function createFileAdapter({ folder, clock = Date }: FileAdapterOptions): StashAdapter {
  const folders = new StashFolders(folder);
  let isClosed = false;
  const sweeping = setInterval(() => {
    // Files that could not be removed are removed by the next sweep.
    folders.sweep(clock.now()).catch(() => {});
  }, SWEEP_INTERVAL_MS).unref();

  /** Repeats `attempt` until it wins: `undefined` means that another process changed the stash first. */
  async function settle<Outcome>(attempt: () => Promise<Outcome | undefined>): Promise<Outcome> {
    if (isClosed) throw new StashError("adapter_closed", 'The stash adapter "file" was closed.');
    let cause: unknown = new Error(`Lost the race for the stash ${MAX_TRIES} times.`);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      try {
        const outcome = await attempt();
        if (outcome !== undefined) return outcome;
      } catch (error) {
        if (error instanceof StashError) throw error;
        cause = error;
        if (!hasCode(error, "ENOENT", "EEXIST")) break;
      }
    }
    throw new StashError("adapter_unavailable", "Stash files failed: see the cause.", { cause });
  }

  /** Returns the stash if it exists and belongs to `owner`; otherwise the reason. */
  async function find(id: string, owner?: string): Promise<Marker | "absent" | "not_owner"> {
    const found = await folders.find(id);
    if (found === undefined || found.expiresAtMs <= clock.now()) return "absent";
    return owner === undefined || owner === found.owner ? found : "not_owner";
  }

  return {
    name: "file",
    capabilities: {
      sharedAcrossNodes: true,
      survivesRestart: true,
      browserHolds: "reference",
      needsKeepAlive: true,
      maxBytes: MAX_BYTES,
    },
    save: ({ id, owner, record, create, expiresAtMs }) =>
      settle(async () => {
        if (record.length > MAX_BYTES) return { status: "full" };
        const found = await find(id, owner);
        if (found === "not_owner" || (found === "absent" && !create)) return { status: found };
        const next = { owner, expiresAtMs, recordName: randomUUID() };
        if (found === "absent") {
          await folders.create(id, next, record);
          return { status: "saved" };
        }
        await folders.writeRecord(id, next.recordName, record);
        const isSaved = await folders.swap(id, found, next);
        await folders.removeRecord(id, isSaved ? found.recordName : next.recordName);
        return isSaved ? { status: "saved" } : undefined;
      }),
    load: ({ id, owner, expiresAtMs }) =>
      settle(async () => {
        const found = await find(id);
        if (typeof found === "string") return { status: "absent" };
        if (isEarlierOwner(owner, found.owner)) return { status: "superseded" };
        const record = await folders.readRecord(id, found.recordName);
        const isOwned = await folders.swap(id, found, { ...found, owner, expiresAtMs });
        return isOwned ? { status: "loaded", record } : undefined;
      }),
    forget: ({ id, owner }) =>
      settle(async () => {
        const found = await find(id, owner);
        if (typeof found === "string") return found;
        return (await folders.remove(id, found)) ? "forgotten" : undefined;
      }),
    keepAlive: (requests) =>
      Promise.all(
        requests.map(({ id, owner, expiresAtMs }) =>
          settle<KeepAliveOutcome>(async () => {
            const found = await find(id, owner);
            if (typeof found === "string") return found;
            return (await folders.swap(id, found, { ...found, expiresAtMs })) ? "kept" : undefined;
          }),
        ),
      ),
    close() {
      isClosed = true;
      clearInterval(sweeping);
    },
  };
}
