import { type ByHandStore, lifeMs } from "./stash-by-hand.ts";

/** Creates a store that keeps the whole state in the page. Nothing protects it from changes. */
export const inBrowser = (ttlMs: number): ByHandStore => ({
  save: (_, bytes) => `${Date.now()}.${Buffer.from(bytes).toString("base64url")}`,
  load(token) {
    const [savedAtMs, text = ""] = token.split(".", 2);
    if (Number(savedAtMs) + lifeMs(ttlMs) < Date.now()) return undefined;
    return Buffer.from(text, "base64url");
  },
  close: async () => {},
});
