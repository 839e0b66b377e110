import { randomUUID } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Socket } from "@live-stash/live-view";
import { TOKEN_PARAM, TOKEN_EVENT } from "live-stash/host";
import type { BenchAssigns, Stashing } from "../stashing.ts";

/** The place in which a stash by hand is stored. */
export interface ByHandStore {
  /** Stores the bytes, and returns the token for the page. */
  save(token: string | undefined, bytes: Uint8Array): Promise<string> | string;
  /** Returns the stored bytes; `undefined` if there are none or they have expired. */
  load(token: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  /** Returns how much is stored in this process. Absent: nothing is. */
  figures?(): { readonly bytes: number; readonly entries: number };
  close(): Promise<void>;
}

/** The life of a stash by hand: the longest time that a user is away in time, and a margin. */
export const lifeMs = (ttlMs: number): number => 1.2 * ttlMs;

/** Generates the name of a new stash. */
export const newName = (): string => randomUUID();

/** The same compression as LiveStash's, so that only the rest of the work differs. */
const BROTLI = {
  chunkSize: 2_048,
  params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 16 },
};

/**
 * The control of the study: the least that an application must do to keep its state in that store
 * without a library. The control has no owners, trusts browsers and peers, and emits no events.
 */
export const stashByHand = (store: ByHandStore): Stashing => {
  const tokens = new WeakMap<Socket<BenchAssigns>, string>();
  return {
    use: [],
    async recover(socket) {
      const token = socket.connectParams[TOKEN_PARAM];
      if (typeof token !== "string") return "new";
      const bytes = await store.load(token);
      if (bytes === undefined) return "not_found";
      tokens.set(socket, token);
      const { count, entries } = JSON.parse(brotliDecompressSync(bytes).toString()) as BenchAssigns;
      socket.assign({ count, entries });
      return "recovered";
    },
    async stash(socket) {
      const { count, entries } = socket.assigns;
      const before = tokens.get(socket);
      const bytes = brotliCompressSync(JSON.stringify({ count, entries }), BROTLI);
      const token = await store.save(before, bytes);
      tokens.set(socket, token);
      if (token !== before) socket.pushEvent(TOKEN_EVENT, { v: socket.id, h: token });
    },
  };
};
