import type { AddressInfo } from "node:net";
import { startExpress } from "./express.ts";
import { startFastify } from "./fastify.ts";
import { startHono } from "./hono.ts";

const FRAMEWORKS = { express: startExpress, fastify: startFastify, hono: startHono } as const;

const isFramework = (name: string): name is keyof typeof FRAMEWORKS =>
  Object.hasOwn(FRAMEWORKS, name);

const name = process.argv[2] ?? "express";
if (!isFramework(name)) {
  console.error(`Expected one of ${Object.keys(FRAMEWORKS).join(", ")}, got "${name}".`);
  process.exit(1);
}
const wanted = Number(process.env.PORT?.trim() || 4000);
try {
  const server = await FRAMEWORKS[name](wanted);
  const { port } = server.address() as AddressInfo;
  console.log(
    `${name} ready at http://127.0.0.1:${port}/counter – open it in a browser. Ctrl-C ends it.`,
  );
} catch (cause) {
  if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
  console.error(
    `${name} could not start: port ${wanted} of 127.0.0.1 is taken by another program. ` +
      "End that program, or set PORT to another port.",
  );
  process.exit(1);
}
