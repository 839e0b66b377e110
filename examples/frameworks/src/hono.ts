import type { Server } from "node:http";
import { serve, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

/** LiveView pages in a Hono application on Node.js. */
export async function startHono(port: number): Promise<Server> {
  const views = createCounterServer();
  const script = await bundleClient();
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/hello", (context) => context.text("hello from hono"));
  app.get("/assets/app.js", (context) =>
    context.body(script, 200, { "content-type": "text/javascript" }),
  );
  app.get("/counter", (context) => {
    views.handler(context.env.incoming, context.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });

  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => {
      resolve(server);
    }) as Server;
    server.once("error", reject);
    views.attach(server);
  });
}
