import { fileURLToPath } from "node:url";

const labFolder = fileURLToPath(new URL("../../", import.meta.url));

/** The built application. */
export interface ApplicationCode {
  /** The arguments with which node runs it. */
  readonly args: readonly string[];
}

/**
 * Builds the application as a user deploys it: plain JavaScript with the published form of the packages,
 * which `npm run build` must have written before. A TypeScript loader would take memory, and memory is
 * measured here.
 */
export async function buildApplication(): Promise<ApplicationCode> {
  // Imported here, because nodes in tests run without esbuild.
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
