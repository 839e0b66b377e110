import { randomUUID } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Socket } from "@live-stash/live-view";
import { TOKEN_PARAM, TOKEN_EVENT } from "live-stash/host";
import type { BenchAssigns, Stashing } from "../stashing.ts";

/** Where a stash by hand is kept. */
export interface ByHandStore {
  /** Keeps them, and answers what the page is to hold from now on. */
  save(held: string | undefined, bytes: Uint8Array): Promise<string> | string;
  /** What was kept; `undefined` if there is nothing, or nothing any more. */
  load(held: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** What it holds in this process, if anything. */
  figures?(): { readonly bytes: number; readonly entries: number };
  close(): Promise<void>;
}

/** As long as the study's users may be away after the last stash, and a little more. */
export const lifeMs = (ttlMs: number): number => 1.2 * ttlMs;

/** The name of a new stash. */
export const newName = (): string => randomUUID();

/** The compression that LiveStash uses. */
const BROTLI = {
  chunkSize: 2_048,
  params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 16 },
};

/**
 * The control of the study: the least that an application has to do to keep its state in that place,
 * without a library. It knows no owner and no other writer, trusts what browsers and peers send, and
 * tells nobody what it does.
 */
export const stashByHand = (store: ByHandStore): Stashing => {
  const heldBy = new WeakMap<Socket<BenchAssigns>, string>();
  return {
    use: [],
    async recover(socket) {
      const held = socket.connectParams[TOKEN_PARAM];
      if (typeof held !== "string") return "new";
      const bytes = await store.load(held);
      if (bytes === undefined) return "not_found";
      heldBy.set(socket, held);
      const { count, entries } = JSON.parse(brotliDecompressSync(bytes).toString()) as BenchAssigns;
      socket.assign({ count, entries });
      return "recovered";
    },
    async stash(socket) {
      const { count, entries } = socket.assigns;
      const before = heldBy.get(socket);
      const bytes = brotliCompressSync(JSON.stringify({ count, entries }), BROTLI);
      const held = await store.save(before, bytes);
      heldBy.set(socket, held);
      if (held !== before) socket.pushEvent(TOKEN_EVENT, { v: socket.id, h: held });
    },
  };
};
