import { RESULT_FORMAT, type LabResult } from "../result.ts";
import { RESULT_SHAPE } from "./result-shape.ts";
import { describe, isRecord } from "./shape.ts";

/**
 * Parses a result that a run of the lab wrote.
 *
 * @param name The file's name, for error messages.
 * @throws Error if the text is not JSON, of another version of the format, or not a result.
 */
export function parseResult(json: string, name: string): LabResult {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Error(
      `Cannot read ${name} as a result of the lab: expected JSON. Measure again if the run was killed while it wrote.`,
      { cause: error },
    );
  }
  return checkResult(value, name);
}

/**
 * Checks that a value is a run's result.
 *
 * @throws Error with the place at which the value differs from a result.
 */
export function checkResult(value: unknown, name: string): LabResult {
  const refuse = (expected: string, found: string, advice: string): never => {
    throw new Error(
      `Cannot read ${name} as a result of the lab: expected ${expected}, got ${found}. ${advice}`,
    );
  };
  if (!isRecord(value)) {
    return refuse("an object", describe(value), "Give the JSON file that a run wrote.");
  }
  if (value["format"] !== RESULT_FORMAT) {
    const advice = isOtherVersion(value["format"])
      ? "Read it with the lab of the commit that wrote it, or measure again."
      : "Give the JSON file that a run of the lab wrote.";
    return refuse(`the format ${RESULT_FORMAT}`, describe(value["format"]), advice);
  }
  const mismatch = RESULT_SHAPE(value, "") ?? unevenSeries(value, "");
  if (mismatch !== null) {
    const { at, expected, found } = mismatch;
    return refuse(
      `${expected} at ${at}`,
      found,
      "The file was edited, or written by another commit.",
    );
  }
  return value as unknown as LabResult;
}

function isOtherVersion(format: unknown): boolean {
  const family = RESULT_FORMAT.slice(0, RESULT_FORMAT.indexOf("/") + 1);
  return typeof format === "string" && format.startsWith(family);
}

/** Finds a series with fewer values than samples, which a chart would silently shift. */
function unevenSeries(
  value: unknown,
  at: string,
): { at: string; expected: string; found: string } | null {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const uneven = unevenSeries(item, `${at}[${index}]`);
      if (uneven !== null) return uneven;
    }
    return null;
  }
  if (!isRecord(value)) return null;
  const { atMs } = value;
  for (const [name, item] of Object.entries(value)) {
    const path = at === "" ? name : `${at}.${name}`;
    if (Array.isArray(atMs) && Array.isArray(item) && item.length !== atMs.length) {
      return { at: path, expected: `${atMs.length} values`, found: `${item.length}` };
    }
    const uneven = unevenSeries(item, path);
    if (uneven !== null) return uneven;
  }
  return null;
}
