import { randomBytes } from "node:crypto";
import type { StashAdapter } from "live-stash/adapter";
import { newId } from "../../stash-contract/test/requests.ts";

/** The size of a typical record, after compression, as docs/nats.md counts it. */
const RECORD_BYTES = 396;
const TTL_MS = 300_000;
const KEEP_ALIVE_MS = TTL_MS / 4;

const ownerName = (): string => `0000000000${randomBytes(12).toString("base64url")}.1a`;

/**
 * Simulates a user. Each call of the returned function disconnects the page, recovers the stash, every
 * other time on the other node, and saves once.
 */
export async function userCycle(
  nodes: readonly [StashAdapter, StashAdapter],
): Promise<() => Promise<void>> {
  const id = newId();
  let owner = ownerName();
  let cycles = 0;
  let node = nodes[0];
  const expect = (status: string, expected: string): void => {
    if (status !== expected) throw new Error(`Expected ${expected}, got ${status}.`);
  };
  const save = async (create: boolean): Promise<void> => {
    const expiresAtMs = Date.now() + TTL_MS + KEEP_ALIVE_MS;
    const record = randomBytes(RECORD_BYTES);
    const { status } = await node.save({ id, owner, record, create, expiresAtMs });
    expect(status, "saved");
  };
  await save(true);
  return async () => {
    const [kept = "absent"] = await node.keepAlive([
      { id, owner, expiresAtMs: Date.now() + TTL_MS },
    ]);
    expect(kept, "kept");
    cycles += 1;
    node = nodes[(cycles >> 1) % 2] ?? nodes[0];
    owner = ownerName();
    const expiresAtMs = Date.now() + TTL_MS + KEEP_ALIVE_MS;
    const adapterData = new Uint8Array(0);
    const { status } = await node.load({ id, owner, adapterData, expiresAtMs });
    expect(status, "loaded");
    await save(false);
  };
}
