export { findChromium } from "./find-chromium.ts";
export { freePort } from "./free-port.ts";
export { spawnServer } from "./spawn-server.ts";
export type { ServerExit, SpawnServerOptions, SpawnedServer } from "./spawn-server.ts";
export { startChromium } from "./start-chromium.ts";
export { startTcpProxy } from "./tcp-proxy.ts";
export type { Direction, TcpProxy, TcpProxyOptions } from "./tcp-proxy.ts";
