// Serves a view in a process of its own, which a test attacks. The limits of memory are the defaults.
import { createLiveServer, html, live, liveView } from "../../src/index.ts";

/** Never settles, so a handler that waits for it makes further events of its view wait. */
const never = new Promise<never>(() => undefined);

const view = liveView<{ count: number }>({
  name: "attacked",
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: {
    increment: (socket) => socket.assign({ count: socket.assigns.count + 1 }),
    big: (socket) => socket.reply({ text: "x".repeat(1_000_000) }),
    hang: () => never,
  },
  render: ({ count }) => html`<p>${count}</p>`,
});

const server = createLiveServer({
  routes: [live("/", view)],
  // On a busy machine an attack takes longer than the default, and the bystander is silent meanwhile.
  limits: { idleTimeoutMs: 600_000 },
  secret: "a secret of at least 32 characters, yes",
  logger: { error: () => undefined, warn: () => undefined },
});
const { url } = await server.listen({ port: 0, handleSignals: false });
process.on("message", () => {
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({
    heapUsed,
    rss,
    maxRss: process.resourceUsage().maxRSS * 1024,
    ...server.figures,
  });
});
process.send?.({ url });
