import type { Server } from "node:http";
import type { Http2SecureServer } from "node:http2";

/** A server of `node:http` or `node:https`, or of `node:http2` with `allowHTTP1`. */
export type WebServer = Server | Http2SecureServer;
