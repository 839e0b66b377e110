import { type ByHandStore, lifeMs } from "./stash-by-hand.ts";

/** All of it in the page, which could change it. */
export const inBrowser = (ttlMs: number): ByHandStore => ({
  save: (_, bytes) => `${Date.now()}.${Buffer.from(bytes).toString("base64url")}`,
  load(held) {
    const [savedAtMs, text = ""] = held.split(".", 2);
    if (Number(savedAtMs) + lifeMs(ttlMs) < Date.now()) return undefined;
    return Buffer.from(text, "base64url");
  },
  close: async () => {},
});
