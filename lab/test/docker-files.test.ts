// Docker cannot run here, so at least the programs that read these files check them.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createNodeMetrics } from "../src/app/node-metrics.ts";

const run = promisify(execFile);
const docker = join(import.meta.dirname, "../docker");
const read = (file: string): string => readFileSync(join(docker, file), "utf8");

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

test("the compose file names services, files and variables that exist", () => {
  const { services } = parse(read("compose.yaml"), { merge: true }) as {
    services: Readonly<Record<string, Service>>;
  };
  const names = Object.keys(services);
  expect(names).toEqual(
    expect.arrayContaining(["node-1", "node-2", "nginx", "redis", "nats-1", "prometheus", "k6"]),
  );
  for (const [name, service] of Object.entries(services)) {
    expect(service.image ?? service.build?.dockerfile, name).toBeDefined();
    for (const needed of service.depends_on ?? []) expect(names).toContain(needed);
    for (const volume of service.volumes ?? []) {
      expect(existsSync(join(docker, volume.split(":", 1)[0] ?? "")), volume).toBe(true);
    }
  }
  const node = services["node-2"];
  expect(existsSync(join(docker, node?.build?.context ?? "", node?.build?.dockerfile ?? ""))).toBe(
    true,
  );
  expect(node?.environment).toMatchObject({ LAB_NODE: "node-2", LAB_PORT: "4000" });
});

test("Prometheus and nginx accept their configurations", async () => {
  await run("promtool", ["check", "config", join(docker, "prometheus.yml")]);
  const folder = mkdtempSync(join(tmpdir(), "live-stash-nginx-"));
  try {
    // The nodes' names exist in Docker's network only, and the ports may be in use.
    const config = read("nginx.conf")
      .replaceAll(/server node-[12]:/g, "server 127.0.0.1:")
      .replaceAll(/listen (80|8080);/g, "listen unix:$1.sock;");
    const file = join(folder, "nginx.conf");
    writeFileSync(file, `pid nginx.pid;\n${config}`);
    const { stderr } = await run("nginx", ["-t", "-p", folder, "-c", file, "-e", "stderr"]);
    expect(stderr).toContain("test is successful");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The metrics of the exporters in the compose file, and of k6's trends. */
const OTHER_METRICS = [
  /^redis_net_(input|output)_bytes_total$/,
  /^gnatsd_varz_(in|out)_bytes$/,
  /^k6_live_(first_render|stash|reconnect)_ms_p(50|95|99)$/,
];

test("the dashboard asks for metrics that exist, for each figure", async () => {
  const dashboard = JSON.parse(read("grafana/dashboards/figures.json")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const titles = dashboard.panels.map(({ title }) => title).join("\n");
  for (let figure = 2; figure <= 10; figure += 1) expect(titles).toContain(`Figure ${figure}:`);
  const figures = {
    views: 0,
    sockets: 0,
    adapterBytes: 0,
    adapterEntries: 0,
    clientInBytes: 0,
    clientOutBytes: 0,
    interNodeInBytes: 0,
    interNodeOutBytes: 0,
  };
  const text = await createNodeMetrics(() => figures).metrics();
  const ours = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(typeNames));
  for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
    const name = /[a-z0-9]+(?:_[a-z0-9]+)+/.exec(expr)?.[0] ?? "";
    const isKnown = ours.has(name) || OTHER_METRICS.some((pattern) => pattern.test(name));
    expect(isKnown, expr).toBe(true);
  }
});

function typeNames([, name = "", type = ""]: RegExpExecArray): string[] {
  return type === "histogram" || type === "summary" ? [name, `${name}_sum`] : [name];
}

test("the files that provision Grafana refer to each other correctly", () => {
  const provider = parse(read("grafana/provisioning/dashboards/lab.yaml")) as {
    providers: { options: { path: string } }[];
  };
  expect(read("compose.yaml")).toContain(`:${provider.providers[0]?.options.path}:ro`);
  const source = parse(read("grafana/provisioning/datasources/prometheus.yaml")) as {
    datasources: { uid: string }[];
  };
  expect(read("grafana/dashboards/figures.json")).toContain(
    `"uid": "${source.datasources[0]?.uid}"`,
  );
});

test("k6's script is a module without syntax errors", async () => {
  const file = join(dirname(docker), "k6/scenario.js");
  const { warnings } = await transform(readFileSync(file, "utf8"), { format: "esm" });
  expect(warnings).toEqual([]);
});
