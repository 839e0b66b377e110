// A server with a framework's own WebSockets beside those of views. PLUGIN names the framework, and ORDER
// says whether views are attached before or after it. This is a separate process, because test runners
// resolve `ws` differently.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fastifyWebSocket from "@fastify/websocket";
import { serve } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import Fastify from "fastify";
import { Hono } from "hono";
import { Server as SocketIo } from "socket.io";
import { createServer as createVite } from "vite";
import { WebSocketServer } from "ws";
import { bundleClient } from "./bundle-client.ts";
import { createCounterServer } from "./counter.ts";

const { PLUGIN = "", ORDER } = process.env;
const views = createCounterServer();
const script = await bundleClient();

/** Adds the plugin to a server, with views before or after it. */
async function addTo<S extends Server>(server: S, add: () => unknown): Promise<S> {
  if (ORDER === "before") views.attach(server);
  await add();
  if (ORDER === "after") views.attach(server);
  return server;
}

/** Starts a server of `node:http` with the handlers that `add` attaches. */
async function withNode(add: (server: Server) => unknown): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === "/assets/app.js") {
      response.setHeader("content-type", "text/javascript").end(script);
    } else views.handler(request, response);
  });
  await addTo(server, () => add(server));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

/** The token that Vite requires of its own WebSocket's clients; empty for the other plugins. */
let token = "";

const PLUGINS: Readonly<Record<string, () => Promise<Server>>> = {
  async fastify() {
    const app = Fastify();
    await addTo(app.server, async () => {
      await app.register(fastifyWebSocket);
      app.get("/echo", { websocket: true }, (socket) => {
        socket.on("message", (data: Buffer) => socket.send(`fastify: ${data.toString()}`));
      });
      app.get("/assets/app.js", (_, reply) => reply.type("text/javascript").send(script));
      app.get("/counter", (request) => views.fetch(request.raw));
      await app.listen({ port: 0, host: "127.0.0.1" });
    });
    return app.server;
  },
  async hono() {
    const app = new Hono();
    const webSockets = createNodeWebSocket({ app });
    app.get(
      "/echo",
      webSockets.upgradeWebSocket(() => ({
        onMessage: ({ data }, socket) => socket.send(`hono: ${data as string}`),
      })),
    );
    app.get("/assets/app.js", (context) =>
      context.body(script, 200, { "content-type": "text/javascript" }),
    );
    app.use(async (context, next) => (await views.fetch(context.req.raw)) ?? next());
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
    await Promise.all([
      once(server, "listening"),
      addTo(server, () => webSockets.injectWebSocket(server)),
    ]);
    return server;
  },
  socketIo: () =>
    withNode((server) => {
      new SocketIo(server).on("connection", (socket) => {
        socket.on("say", (text: string) => socket.emit("heard", `socket.io: ${text}`));
      });
    }),
  vite: () =>
    withNode(async (server) => {
      const vite = await createVite({
        configFile: false,
        logLevel: "silent",
        server: { middlewareMode: true, hmr: { server } },
        optimizeDeps: { noDiscovery: true },
      });
      token = vite.config.webSocketToken;
    }),
  ws: () =>
    withNode((server) => {
      new WebSocketServer({ server, path: "/echo" }).on("connection", (socket) => {
        socket.on("message", (data: Buffer) => socket.send(`ws: ${data.toString()}`));
      });
    }),
};

const start = PLUGINS[PLUGIN];
if (start === undefined) {
  throw new Error(`PLUGIN: expected one of ${Object.keys(PLUGINS).join(", ")}, got "${PLUGIN}".`);
}
const { port } = (await start()).address() as AddressInfo;
console.warn(`ready at http://127.0.0.1:${port} ${token}`);
