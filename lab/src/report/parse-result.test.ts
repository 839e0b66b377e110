import { expect, it } from "vitest";
import { sampleResult } from "../../test/sample-result.ts";
import { checkResult, parseResult } from "./parse-result.ts";
import { isRecord } from "./shape.ts";

const result = sampleResult({ durationSeconds: 4 });
const copy = (): Record<string, unknown> => structuredClone({ ...result });

it("parseResult() reads the result that a run wrote", () => {
  expect(parseResult(JSON.stringify(result), "result.json")).toEqual(result);
});

it("parseResult() refuses another version of the format, and says what to do", () => {
  const other = { ...copy(), format: "live-stash-lab/0" };
  expect(() => checkResult(other, "old.json")).toThrow(
    'Cannot read old.json as a result of the lab: expected the format live-stash-lab/1, got "live-stash-lab/0". Read it with the lab of the commit that wrote it, or measure again.',
  );
});

it("parseResult() refuses JSON that is no result", () => {
  expect(() => parseResult("{", "a.json")).toThrow(/a\.json .* expected JSON/);
  expect(() => parseResult("[]", "a.json")).toThrow("expected an object, got a list");
  expect(() => parseResult('{"name":"x"}', "a.json")).toThrow("got nothing");
});

it("parseResult() names the place of a wrong value", () => {
  const wrong = copy();
  const [first] = result.runs;
  wrong["runs"] = [{ ...first, durationMs: "1 min" }];
  expect(() => checkResult(wrong, "a.json")).toThrow(
    'expected a finite number at runs[0].durationMs, got "1 min"',
  );
});

it("parseResult() misses any field that is removed", () => {
  const paths = pathsOf(copy(), []);
  expect(paths.map((path) => path.join("."))).toContain("runs.4.nats.routeBytesPerSecond");
  for (const path of paths) {
    const damaged = copy();
    remove(damaged, path);
    expect(() => checkResult(damaged, "a.json"), path.join(".")).toThrow(/Cannot read a\.json/);
  }
});

it("parseResult() refuses a series that is shorter than its samples", () => {
  const damaged = copy();
  const series = at(damaged, ["runs", "2", "nodes", "1", "samples", "views"]);
  if (!Array.isArray(series)) throw new Error("no series");
  series.pop();
  expect(() => checkResult(damaged, "a.json")).toThrow(
    "expected 4 values at runs[2].nodes[1].samples.views, got 3",
  );
});

/** Lists every field of every object, except those of maps (versions, errors). */
function pathsOf(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => pathsOf(item, [...path, `${index}`]));
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    name === "versions" || name === "errors"
      ? [[...path, name]]
      : [[...path, name], ...pathsOf(item, [...path, name])],
  );
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (Array.isArray(value) ? value[Number(name)] : isRecord(value) && value[name]),
    value,
  );
}

function remove(value: unknown, path: readonly string[]): void {
  const parent = at(value, path.slice(0, -1));
  if (!isRecord(parent)) throw new Error(`nothing at ${path.join(".")}`);
  Reflect.deleteProperty(parent, path.at(-1) ?? "");
}
