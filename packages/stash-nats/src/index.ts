export { type NatsServer, startNatsServer } from "./server/start-nats-server.ts";
export type { StartNatsServerOptions } from "./server/server-options.ts";
