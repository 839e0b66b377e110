import type { HttpHandler, LiveServer } from "@live-stash/live-view";
import { collectStashMetrics } from "live-stash/metrics";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Adapters } from "./adapters.ts";

/** Serves `/metrics` for Prometheus, and passes all other requests to `next`. */
export function serveMetrics(
  server: LiveServer,
  { memory, nats }: Adapters,
  next: HttpHandler,
): HttpHandler {
  const register = new Registry();
  collectDefaultMetrics({ register });
  collectStashMetrics({
    register,
    memoryAdapters: { showcase: memory },
    mirrors: nats === undefined ? {} : { showcase: nats },
  });
  for (const figure of ["sockets", "views"] as const) {
    register.registerMetric(
      new Gauge({
        name: `live_view_${figure}`,
        help: `Open ${figure} of this server.`,
        registers: [],
        collect() {
          this.set(server.figures[figure]);
        },
      }),
    );
  }
  return (request, response) => {
    if (request.url !== "/metrics") return next(request, response);
    register.metrics().then(
      (text) => response.writeHead(200, { "content-type": register.contentType }).end(text),
      (cause: unknown) => {
        console.error("The metrics could not be collected.", cause);
        response.writeHead(500).end();
      },
    );
  };
}
