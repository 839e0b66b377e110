// One server process for tests of its shutdown. STASH names the adapter of its views.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createNatsAdapter } from "@live-stash/nats";
import { createRedisAdapter } from "@live-stash/redis";
import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
import {
  createBrowserHeldAdapter,
  createMemoryAdapter,
  liveStash,
  recoverState,
  stash,
} from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { peersOnThisMachine } from "live-stash/peers";

const { STASH = "memory", STORE_URL = "", SERVER = "listen" } = process.env;

const ADAPTERS: Readonly<Record<string, () => StashAdapter>> = {
  memory: () => createMemoryAdapter(),
  peers: () => createMemoryAdapter({ peers: peersOnThisMachine({ name: STORE_URL }) }),
  browser: () => createBrowserHeldAdapter({ securityMode: "encrypt" }),
  redis: () => createRedisAdapter({ url: STORE_URL }),
  nats: () => createNatsAdapter({ servers: STORE_URL }),
};
const adapter = ADAPTERS[STASH]?.();
if (adapter === undefined) throw new Error(`STASH: expected the name of an adapter, got ${STASH}.`);

const counterOf = (name: string) =>
  liveView<{ count: number }>({
    name,
    use: [liveStash({ storedKeys: ["count"], adapter })],
    async mount(socket) {
      socket.assign({ count: 0 });
      await recoverState(socket);
    },
    handleEvent: {
      async add(socket) {
        socket.assign({ count: socket.assigns.count + 1 });
        await stash(socket);
      },
    },
    render: ({ count }) => html`<p class="stat-value">${count}</p>`,
  });

const server = createLiveServer({
  routes: [live("/", counterOf("one")), live("/two", counterOf("two"))],
});

/** Prints that it was called, and never answers. */
const fallback = (): void => console.warn("asked");

if (SERVER === "listen") {
  const listening = await server.listen({ port: 0, fallback });
  console.warn(`ready at ${listening.url}`);
} else {
  const own = createServer(server.handler);
  server.attach(own, { handleSignals: true });
  await once(own.listen(0, "127.0.0.1"), "listening");
  console.warn(`ready at http://127.0.0.1:${(own.address() as AddressInfo).port}`);
}
