import { hostInUrl, type ServerSettings } from "./server-options.ts";

/** What peers call themselves to each other, where there is a token. */
const ROUTE_USER = "live-stash";

/** The configuration of a nats-server with JetStream, in its own format. */
export function serverConfig(settings: ServerSettings, name: string, storeDir: string): string {
  const { host, port, token, maxMemoryBytes, maxFileBytes, jetstreamConfig, config } = settings;
  return [
    `server_name: "${name}"`,
    `listen: "${hostInUrl(host)}:${listenPort(port)}"`,
    ...(token === undefined ? [] : [`authorization { token: "${token}" }`]),
    "jetstream {",
    `  store_dir: "${storeDir}"`,
    `  max_memory_store: ${maxMemoryBytes}`,
    `  max_file_store: ${maxFileBytes}`,
    ...jetstreamConfig.map((line) => `  ${line}`),
    "}",
    ...clusterConfig(settings),
    ...config,
    "",
  ].join("\n");
}

function clusterConfig(settings: ServerSettings): string[] {
  const { peers, clusterHost, clusterPort, clusterName, token, clusterConfig: lines } = settings;
  if (peers.length === 0) return [];
  const login = token === undefined ? "" : `${ROUTE_USER}:${encodeURIComponent(token)}@`;
  const routes = peers.map((peer) => `"nats-route://${login}${peer}"`);
  return [
    "cluster {",
    `  name: "${clusterName}"`,
    `  listen: "${hostInUrl(clusterHost)}:${listenPort(clusterPort)}"`,
    `  routes: [${routes.join(", ")}]`,
    ...(token === undefined
      ? []
      : [`  authorization { user: "${ROUTE_USER}", password: "${token}" }`]),
    ...lines.map((line) => `  ${line}`),
    "}",
  ];
}

/** nats-server's word for any free port is -1. */
function listenPort(port: number): number {
  return port === 0 ? -1 : port;
}
