import type { Server } from "node:http";
import Fastify from "fastify";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

/** Starts a Fastify 5 application with LiveView pages. */
export async function startFastify(port: number): Promise<Server> {
  const views = createCounterServer();
  const script = await bundleClient();
  const app = Fastify();
  app.addHook("onSend", async (_, reply) => void reply.header("x-frame-options", "SAMEORIGIN"));
  app.get("/hello", () => "hello from fastify");
  app.get("/assets/app.js", (_, reply) => reply.type("text/javascript").send(script));
  // Sent by Fastify, with the headers that its plugins and hooks set. (Its own HEAD takes no `Response`.)
  app.route({
    method: ["GET", "HEAD"],
    url: "/counter",
    handler: (request) => views.fetch(request.raw),
  });

  views.attach(app.server, { handleSignals: true });
  await app.listen({ port, host: "127.0.0.1" });
  return app.server;
}
