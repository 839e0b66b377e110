/** The servers behind nginx. */
export interface NginxConfigOptions {
  /** Ports on 127.0.0.1 of the nodes, which take turns. */
  readonly nodes: readonly number[];
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  /** A response header that names the node's address, also on the 101 of a WebSocket. */
  readonly nodeHeader: string | undefined;
  /** Further lines of the `http` block. */
  readonly lines: readonly string[];
}

/**
 * Writes the part of the `http` block that any nginx in front of nodes needs: alternating upstreams,
 * WebSockets, and no requests for a node that restarts.
 */
export function nginxSites(options: NginxConfigOptions): string {
  const { nodes, host, port, nodeHeader } = options;
  const header = nodeHeader === undefined ? "" : `add_header ${nodeHeader} $upstream_addr always;`;
  return `map $http_upgrade $connection_header {
  default upgrade;
  ""      "";
}

upstream nodes {
  zone nodes 64k;
  # A restarting node refuses immediately, at no cost to the user, so try it each time.
${nodes.map((node) => `  server 127.0.0.1:${node} max_fails=0;`).join("\n")}
  keepalive 32;
}

server {
  listen ${host}:${port};
  location / {
    proxy_pass http://nodes;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_header;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    # A draining node answers new sockets with 503; the next node accepts them.
    proxy_next_upstream error timeout http_503;
    proxy_connect_timeout 5s;
    # Longer than the client's heartbeat of 30 s, and than the server's idle timeout of 75 s.
    proxy_read_timeout 90s;
    ${header}
  }
}
`.replaceAll(/^ +\n/gm, "");
}

/** Writes a complete nginx.conf, with which nginx writes into its own folder only. */
export function nginxConfig(options: NginxConfigOptions): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
pid nginx.pid;
error_log stderr notice;
worker_processes 1;
worker_rlimit_nofile ${2 * options.maxConnections + 64};
events {
  worker_connections ${2 * options.maxConnections};
}
http {
access_log off;
server_tokens off;
${temporary.map((name) => `${name}_temp_path ${name}_temp;`).join("\n")}
${nginxSites(options)}
${options.lines.join("\n")}
}
`;
}
