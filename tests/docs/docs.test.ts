import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { initLiveStash } from "@live-stash/browser";
import { createLiveServer, live, type LiveView } from "@live-stash/live-view";
import { createTestClient } from "@live-stash/live-view/testing";
import { compilerErrors } from "../compiler-errors.ts";
import { examplesFolder, writeExamples } from "./examples.ts";

const examples = writeExamples();
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Needs a browser, a port that may be taken, or a test runner: compiled, but not run. */
const runsAlone = (code: string): boolean => !/\bdocument\.|\.listen\(|from "vitest"/.test(code);

afterEach(() => {
  vi.restoreAllMocks();
});

test("every example compiles under the strictest settings", { timeout: 120_000 }, async () => {
  expect(examples.length).toBeGreaterThan(5);
  const project = join(examplesFolder, "tsconfig.json");
  writeFileSync(
    project,
    JSON.stringify({
      extends: "../../../tsconfig.json",
      compilerOptions: { noUnusedLocals: true },
      include: ["**/*.ts"],
      exclude: [],
    }),
  );
  expect(await compilerErrors(["-p", project], examplesFolder)).toBe("");
});

describe("running", () => {
  test.each(examples.filter(({ code }) => runsAlone(code)))("$title", async ({ path, code }) => {
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(values.join(" ")));
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await import(path);
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (\w+)/g)].map(([, text]) => text);
    if (promised.length > 0) expect(printed).toEqual(promised);
  });

  test("the README's view counts, and its count comes back", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const example = examples.find(({ title }) => title === "README.md counter.ts");
    const { counter } = (await import(example?.path ?? "")) as { counter: LiveView };
    const client = createTestClient(createLiveServer({ routes: [live("/", counter)] }), {
      params: (window) => initLiveStash({}, { window }),
    });
    const page = await client.visit("/");
    await page.click("button", { text: "Increment" });
    await page.click("button", { text: "Increment" });
    await page.reconnect();
    expect(page.text("output")).toBe("2");
    await page.click("button", { text: "Reset" });
    await page.reconnect();
    expect(page.text("output")).toBe("0");
  });
});

/** The view modules of the examples, which people copy as they do documents. */
function viewsOfExamples(): { title: string; code: string }[] {
  const folder = join(repository, "examples");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /^\w[\w-]*\/src\/.*\.ts$/.test(path))
    .map((path) => ({ title: path, code: readFileSync(join(folder, path), "utf8") }));
}

test("every example assigns its defaults, and then recovers", () => {
  const recovering = [...examples, ...viewsOfExamples()].filter(({ code }) =>
    /await recoverState\(/.test(code),
  );
  expect(recovering.length).toBeGreaterThan(8);
  const mounts = recovering.flatMap(({ title, code }) =>
    code
      .split(/await recoverState\(\w+\)/)
      .slice(0, -1)
      .map((before) => ({ title, before })),
  );
  const wrong = mounts.filter(
    ({ before }) => !/\bmount\((?:(?!\bhandleEvent\b)[^])*\.assign\(/.test(before),
  );
  expect(wrong.map(({ title }) => title)).toEqual([]);
});

test("every link between documents leads somewhere", () => {
  const documents = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
    ["docs", "decisions"].flatMap((folder) =>
      readdirSync(join(repository, folder))
        .filter((name) => name.endsWith(".md"))
        .map((name) => `${folder}/${name}`),
    ),
  );
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(repository, document), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !existsSync(join(repository, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  expect(broken).toEqual([]);
});
