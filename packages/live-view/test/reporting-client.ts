import { createLiveServer, type LiveServerOptions } from "../src/index.ts";
import { createTestClient, type TestClient } from "../src/testing.ts";
import { SECRET } from "./test-server.ts";

/** Creates a headless client of a new server, and collects the errors that the server logs. */
export function reportingClient(
  options: Partial<LiveServerOptions> & Pick<LiveServerOptions, "routes">,
): { client: TestClient; errors: unknown[] } {
  const errors: unknown[] = [];
  const server = createLiveServer({
    secret: SECRET,
    logger: { error: (_, cause) => void errors.push(cause), warn: () => undefined },
    ...options,
  });
  return { client: createTestClient(server), errors };
}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
