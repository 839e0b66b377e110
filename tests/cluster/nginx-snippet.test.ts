import { readFileSync } from "node:fs";
import { nginxSites } from "@live-stash/test-servers";
import { expect, test } from "vitest";

test("docs/cluster.md shows the nginx configuration of these tests", () => {
  const path = new URL("../../docs/cluster.md", import.meta.url);
  const [, snippet] = /^```nginx\n(.*?)^```$/ms.exec(readFileSync(path, "utf8")) ?? [];

  expect(snippet).toBe(
    nginxSites({
      nodes: [4001, 4002],
      host: "127.0.0.1",
      port: 8080,
      maxConnections: 4096,
      nodeHeader: undefined,
      lines: [],
    }),
  );
});
