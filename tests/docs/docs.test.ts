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

/** Whether an example runs without a browser, a fixed port or a test runner. Others are only compiled. */
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

/** Returns the view modules of the examples, which users copy as they copy code in documents. */
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

/** Lists all documents of the repository, its packages and its examples. */
function allDocuments(): string[] {
  const readmesIn = (folder: string): string[] =>
    readdirSync(join(repository, folder)).map((name) => `${folder}/${name}/README.md`);
  const documentsIn = (folder: string): string[] =>
    readdirSync(join(repository, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`);
  return ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "lab/README.md"]
    .concat(documentsIn("docs"), documentsIn("decisions"))
    .concat(readmesIn("packages"), readmesIn("examples"))
    .filter((document) => existsSync(join(repository, document)));
}

const withoutCode = (document: string): string =>
  readFileSync(join(repository, document), "utf8").replaceAll(/^```.*?^```/gms, "");

/** Returns the anchors that GitHub gives a document's headings. */
function anchorsOf(document: string): string[] {
  const headings = [...withoutCode(document).matchAll(/^#{1,6} (.*)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every link between documents leads somewhere, also to a heading", () => {
  const documents = allDocuments();
  expect(documents.length).toBeGreaterThan(40);
  const links = documents.flatMap((document) =>
    [...withoutCode(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].map(
      ([, target = "", anchor]) => ({ document, target, anchor }),
    ),
  );
  expect(links.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(10);
  const broken = links.filter(({ document, target, anchor }) => {
    const path = target === "" ? document : join(dirname(document), target);
    if (!existsSync(join(repository, path))) return true;
    return anchor !== undefined && !(path.endsWith(".md") && anchorsOf(path).includes(anchor));
  });
  expect(broken).toEqual([]);
});
