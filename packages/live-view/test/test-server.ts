import { onTestFinished } from "vitest";
import {
  createLiveServer,
  html,
  live,
  liveView,
  type Listening,
  type LiveServer,
  type LiveServerOptions,
} from "../src/index.ts";

export const SECRET = "a secret of at least 32 characters, yes";

/** A view that counts clicks, and crashes on demand. */
export const counter = liveView<{ count: number }, "tick">({
  name: "counter",
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: {
    increment: (socket) => socket.assign({ count: socket.assigns.count + 1 }),
    nothing: () => undefined,
    crash: () => {
      throw new Error("crashed on purpose");
    },
  },
  render: ({ count }) =>
    html`<p class="count">${count}</p>
      <button phx-click="increment">Increment</button>`,
});

export interface TestServer {
  readonly server: LiveServer;
  readonly listening: Listening;
  readonly url: string;
  /** The errors that the server logged, in order. */
  readonly errors: { message: string; cause: unknown }[];
}

/** Starts a server on a free port, and closes it at the end of the test. */
export async function startTestServer(
  options: Partial<LiveServerOptions> = {},
): Promise<TestServer> {
  const errors: TestServer["errors"] = [];
  const server = createLiveServer({
    routes: [live("/", counter)],
    secret: SECRET,
    logger: {
      error: (message, cause) => void errors.push({ message, cause }),
      warn: () => undefined,
    },
    ...options,
  });
  const listening = await server.listen({ port: 0, handleSignals: false });
  onTestFinished(() => listening.close());
  return { server, listening, url: `${listening.url}/`, errors };
}
