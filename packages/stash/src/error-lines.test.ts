import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as v from "valibot";
import { FakePage, SECRET, TestClock } from "../test/fake-page.ts";
import { UnreliableAdapter } from "../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  type LiveStashOptions,
  recoverState,
  stash,
} from "./index.ts";

interface Assigns {
  card: unknown;
}

let adapter: UnreliableAdapter;
let lines: string[];
let warnings: string[];

beforeEach(() => {
  vi.stubEnv("NODE_ENV", "development");
  adapter = new UnreliableAdapter(createMemoryAdapter({ clock: new TestClock() }));
  lines = [];
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((...values) => void lines.push(values.join(" ")));
  vi.spyOn(console, "warn").mockImplementation((line: string) => void warnings.push(line));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function page(options: Partial<LiveStashOptions<Assigns>> = {}): FakePage<Assigns> {
  const hook = liveStash<Assigns>({
    storedKeys: ["card"],
    adapter,
    secret: SECRET,
    clock: new TestClock(),
    ...options,
  });
  return new FakePage(hook, (): Assigns => ({ card: "" }));
}

/** The log line of a view whose save failed with this error. */
async function lineOfSave(cause: unknown): Promise<string> {
  const view = page().join();
  await recoverState(view);
  adapter.failNext("save", cause as Error);
  await stash(view);
  return lines.at(-1) ?? "";
}

/** The log line of a page that returns to a release with these options. */
async function lineOfRecovery(options: Partial<LiveStashOptions<Assigns>>): Promise<string> {
  const before = page();
  const view = before.join();
  await recoverState(view);
  view.assign({ card: { number: "4111-1111" } });
  await stash(view);
  await before.end(view);
  const after = page(options);
  await after.end(after.join());
  after.token = before.token;
  await recoverState(after.join());
  return lines.at(-1) ?? "";
}

const trap = new Error("unseen");
Object.defineProperty(trap, "message", {
  get() {
    throw new Error("a message that throws");
  },
});

describe("the default line of an error", () => {
  it.each<[string, unknown, RegExp]>([
    ["an error", new Error("connect ECONNREFUSED"), /Cause: Error: connect ECONNREFUSED$/],
    ["one for several addresses", new AggregateError([new Error("::1")]), /AggregateError: ::1$/],
    ["lines and escape codes", new Error("a\r\nb\u001b[31mc\u2028d"), /Error: a b \[31mc d$/],
    ["a megabyte", new Error("x".repeat(2 ** 20)), /Cause: Error: x{192}…$/],
    ["a text", "no error at all", /Cause: no error at all$/],
    ["an object without a text", Object.create(null), /Cause: an error that cannot be printed$/],
    ["an error that throws", trap, /Cause: an error that cannot be printed$/],
  ])("names the cause in one bounded line: %s", async (_name, cause, line) => {
    expect(await lineOfSave(cause)).toMatch(line);
    vi.stubEnv("NODE_ENV", "production");
    expect(await lineOfSave(cause)).toMatch(line);
  });

  it("names the first issue of a schema, and in production only its stored key", async () => {
    const schema = v.object({ card: v.object({ number: v.number() }) });
    expect(await lineOfRecovery({ schema })).toMatch(
      /schema_failed: .*found 1 issue\(s\), the first in `card`\. .*Cause: SchemaIssue: at card\.number: Invalid type: Expected number but received "4111-1111"$/,
    );
    vi.stubEnv("NODE_ENV", "production");
    const line = await lineOfRecovery({ schema });
    expect(line).toMatch(/the first in `card`\. [^:]*$/);
    expect(line).not.toContain("4111");
  });

  it("names a key of the state in a schema's path only if it is a stored key", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const schema: LiveStashOptions<Assigns>["schema"] = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => ({ issues: [{ message: "4111", path: ["4111"] }] }),
      },
    };
    expect(await lineOfRecovery({ schema })).not.toContain("4111");
  });

  it("quotes what migrate() threw in development, and in production only its name", async () => {
    const migrate = (): never => {
      throw new SyntaxError("unexpected 4111-1111");
    };
    const options = { version: 2, migrate };
    expect(await lineOfRecovery(options)).toMatch(/Cause: SyntaxError: unexpected 4111-1111$/);
    vi.stubEnv("NODE_ENV", "production");
    expect(await lineOfRecovery(options)).toMatch(/migration_failed.* Cause: SyntaxError$/);
  });

  it("is written even if onError throws a value that cannot be printed", async () => {
    const error = vi.spyOn(console, "error");
    const unprintable = { [Symbol.for("nodejs.util.inspect.custom")]: () => expect.unreachable() };
    error.mockImplementation((...values) => {
      if (values.includes(unprintable)) throw new Error("cannot be printed");
      lines.push(values.join(" "));
    });
    const view = page({
      onError: () => {
        // oxlint-disable-next-line typescript/only-throw-error -- applications do
        throw unprintable;
      },
    }).join();
    await recoverState(view);
    adapter.failNext("save", new Error("down"));
    expect(await stash(view)).toMatchObject({ status: "error" });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^live-stash: the option onError threw: /);
  });
});

describe("the warning of a stash without recovery", () => {
  it("is printed once for each view name, however many views stash", async () => {
    for (const view of ["a", "b", "a"]) await stash(page().join({ view }));
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(
      /^live-stash: stash\(\) of view "a": expected recoverState\(\) .* `await recoverState\(socket\)`\.$/,
    );
    expect(warnings[1]).toContain('view "b"');
  });

  it("is printed for a stash before recovery, and for autoStash", async () => {
    const early = page().join({ view: "early" });
    await stash(early);
    await recoverState(early);
    const hook = liveStash<Assigns>({
      storedKeys: ["card"],
      adapter,
      secret: SECRET,
      autoStash: true,
    });
    await hook.afterRender?.(new FakePage(hook, () => ({ card: "" })).join({ view: "auto" }));
    expect(warnings).toHaveLength(2);
  });

  it("is not printed after recovery, over plain HTTP, nor in production", async () => {
    const view = page().join({ view: "recovered" });
    await recoverState(view);
    await stash(view);
    await stash(page().join({ view: "plain", connected: false }));
    vi.stubEnv("NODE_ENV", "production");
    await stash(page().join({ view: "deployed" }));
    expect(warnings).toEqual([]);
  });
});
