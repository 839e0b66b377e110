// Serves a view with the default limits in a process of its own, which a test attacks.
import { createLiveServer, html, live, liveView } from "../../src/index.ts";

/** Never settles: whoever asks for it makes its view's events wait. */
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
