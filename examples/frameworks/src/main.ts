import type { AddressInfo } from "node:net";
import { startExpress } from "./express.ts";
import { startFastify } from "./fastify.ts";
import { startHono } from "./hono.ts";

const FRAMEWORKS = { express: startExpress, fastify: startFastify, hono: startHono } as const;

const isFramework = (name: string): name is keyof typeof FRAMEWORKS =>
  Object.hasOwn(FRAMEWORKS, name);

const name = process.argv[2] ?? "express";
if (!isFramework(name)) {
  console.error(`Expected one of ${Object.keys(FRAMEWORKS).join(", ")}, found "${name}".`);
  process.exit(1);
}
const server = await FRAMEWORKS[name](Number(process.env.PORT ?? 4000));
const { port } = server.address() as AddressInfo;
console.log(`${name} ready at http://127.0.0.1:${port}/counter`);
