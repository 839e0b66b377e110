import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

/** Starts a Hono application on Node.js with LiveView pages. */
export async function startHono(port: number): Promise<Server> {
  const views = createCounterServer();
  const script = await bundleClient();
  const app = new Hono();
  app.use(secureHeaders());
  app.get("/hello", (context) => context.text("hello from hono"));
  app.get("/assets/app.js", (context) =>
    context.body(script, 200, { "content-type": "text/javascript" }),
  );
  // Sent by Hono, with the headers that its middleware sets.
  app.use(async (context, next) => (await views.fetch(context.req.raw)) ?? next());

  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => {
      resolve(server);
    }) as Server;
    server.once("error", reject);
    views.attach(server, { handleSignals: true });
  });
}
