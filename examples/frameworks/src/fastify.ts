import type { Server } from "node:http";
import Fastify from "fastify";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

/** LiveView pages in a Fastify 5 application. */
export async function startFastify(port: number): Promise<Server> {
  const views = createCounterServer();
  const script = await bundleClient();
  const app = Fastify();
  app.get("/hello", () => "hello from fastify");
  app.get("/assets/app.js", (_, reply) => reply.type("text/javascript").send(script));
  app.get("/counter", (request, reply) => {
    reply.hijack();
    views.handler(request.raw, reply.raw);
  });

  views.attach(app.server);
  await app.listen({ port, host: "127.0.0.1" });
  return app.server;
}
