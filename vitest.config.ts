import { defineConfig } from "vitest/config";

/** Workspace siblings resolve to their source through this private export condition. */
const conditions = ["@live-stash/source", "module", "import", "node", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
      "tests/**/*.test.ts",
      "lab/{src,test}/**/*.test.ts",
      "scripts/*.test.mjs",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
