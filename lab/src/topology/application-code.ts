import { fileURLToPath } from "node:url";

const labFolder = fileURLToPath(new URL("../../", import.meta.url));

/** How Node.js is told to run the application. */
export interface ApplicationCode {
  /** Arguments of node. */
  readonly args: readonly string[];
}

/**
 * The application as a user deploys it: plain JavaScript, and the packages as they are published
 * (`npm run build` has to have been run). A loader for TypeScript would take memory, which is
 * measured here.
 */
export async function buildApplication(): Promise<ApplicationCode> {
  // Only needed here: nodes in tests run without.
  const { build } = await import("esbuild");
  const outfile = `${labFolder}dist/application.mjs`;
  await build({
    entryPoints: [`${labFolder}src/app/main.ts`],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "warning",
  });
  return { args: [outfile] };
}
