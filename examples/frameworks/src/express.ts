import type { Server } from "node:http";
import express from "express";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

/** Starts an Express 5 application with LiveView pages. */
export async function startExpress(port: number): Promise<Server> {
  const views = createCounterServer();
  const script = await bundleClient();
  const app = express();
  app.use((_, response, next) => {
    response.setHeader("x-frame-options", "SAMEORIGIN");
    next();
  });
  app.get("/hello", (_, response) => void response.send("hello from express"));
  app.get("/assets/app.js", (_, response) => void response.type("text/javascript").send(script));
  app.use(views.handler);

  return new Promise((resolve, reject) => {
    const server = app.listen(port, "127.0.0.1", (error) => {
      if (error) reject(error);
      else resolve(server);
    });
    views.attach(server, { handleSignals: true });
  });
}
