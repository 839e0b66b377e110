import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Workspace siblings resolve to their source through this private export condition. */
const conditions = ["@live-stash/source", "module", "import", "node", "default"];

/** They start clusters, or measure: beside other tests, elections and instruments run out of time. */
const alone = [
  "packages/stash-nats/**/*.test.ts",
  "tests/cluster/**/*.test.ts",
  "lab/test/**/*.test.ts",
];
const excluded = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: "forks",
    // No test fails for being slow: these only end what hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Secrets that are generated in development are kept there, not in the home of whoever runs tests.
    env: { XDG_STATE_HOME: fileURLToPath(new URL("./node_modules/.cache/state", import.meta.url)) },
    expect: { poll: { timeout: 15_000 } },
    setupFiles: [fileURLToPath(new URL("./tests/patient-wait-for.ts", import.meta.url))],
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: [
            "packages/*/{src,test}/**/*.test.ts",
            "examples/*/test/**/*.test.ts",
            "tests/**/*.test.ts",
            "lab/src/**/*.test.ts",
            "scripts/*.test.mjs",
          ],
          exclude: [...excluded, ...alone],
          // More than there are processors in a small machine: the long ones mostly wait for a browser.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          exclude: excluded,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
