import { createLiveServer, html, live, liveView } from "@live-stash/live-view";
import { createRedisAdapter } from "@live-stash/redis";
import { liveStash, recoverState, stash, type RecoverResult, type StashResult } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";

interface Assigns {
  count: number;
  recovery: RecoverResult;
  stashed: StashResult["status"] | undefined;
}

const { REDIS_URL: url = "", AUTO_STASH, RECOVER_WITHIN_MS, PORT } = process.env;

const print = (line: string): unknown => process.stdout.write(`${line}\n`);

const redis = createRedisAdapter({ url });
let loads = 0;
/** A Redis adapter that prints its number of loads. */
const adapter: StashAdapter = {
  name: redis.name,
  capabilities: redis.capabilities,
  save: (request) => redis.save(request),
  load(request) {
    loads += 1;
    print(`load ${loads}`);
    return redis.load(request);
  },
  keepAlive: (requests) => redis.keepAlive(requests),
  forget: (request) => redis.forget(request),
  close: () => redis.close(),
};

/** The plain counter of the showcase, whose handlers can also block the process. */
const counter = liveView<Assigns>({
  name: "counter",
  use: [
    liveStash<Assigns>({
      storedKeys: ["count"],
      adapter,
      ttlMs: 120_000,
      autoStash: AUTO_STASH === "1",
      ...(RECOVER_WITHIN_MS === undefined ? {} : { recoverWithinMs: Number(RECOVER_WITHIN_MS) }),
      onError: ({ code }) => print(`error: ${code}`),
    }),
  ],
  async mount(socket) {
    socket.assign({ count: 0, stashed: undefined });
    socket.assign({ recovery: await recoverState(socket) });
  },
  handleEvent: {
    async add(socket, { amount }) {
      socket.assign({ count: socket.assigns.count + Number(amount) });
      const { status } = await stash(socket);
      socket.assign({ stashed: status });
    },
    block(_socket, { ms }) {
      const untilMs = performance.now() + Number(ms);
      while (performance.now() < untilMs);
    },
  },
  render: ({ count, recovery, stashed }) => html`<main>
    <output class="stat-value">${count}</output>
    <span class="status">${recovery.status}</span>
    ${"reason" in recovery && html`<span class="reason">${recovery.reason}</span>`}
    ${stashed !== undefined && html`<span class="stashed">${stashed}</span>`}
  </main>`,
});

// Ends this process together with its test.
process.once("disconnect", () => process.exit());
const server = createLiveServer({ routes: [live("/", counter)] });
const listening = await server.listen({ port: Number(PORT) });
print(`ready at ${listening.url}`);
