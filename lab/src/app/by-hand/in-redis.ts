import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

/** Creates a store that uses `SET` and `GET`. */
export async function inRedis(ttlMs: number, url: string): Promise<ByHandStore> {
  const { createClient, RESP_TYPES } = await import("redis");
  const client = createClient({ url });
  await client.connect();
  const reading = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    async save(token, bytes) {
      const name = token ?? newName();
      const expiration = { type: "PX", value: lifeMs(ttlMs) } as const;
      await client.set(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
        expiration,
      });
      return name;
    },
    load: async (token) => (await reading.get(token)) ?? undefined,
    async close() {
      client.destroy();
    },
  };
}
