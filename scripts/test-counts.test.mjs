import { expect, test } from "vitest";
import { countTests, formatCounts } from "./test-counts.mjs";

/**
 * @param {string} status
 * @param {string[]} testStatuses
 */
function file(status, ...testStatuses) {
  return { status, assertionResults: testStatuses.map((each) => ({ status: each })) };
}

/**
 * @param {number} exitCode
 * @param {ReturnType<typeof file>[]} testResults
 */
function line(exitCode, ...testResults) {
  return formatCounts(countTests({ testResults }, exitCode));
}

test("tests are counted, not files", () => {
  expect(line(0, file("passed", "passed", "passed"), file("passed", "passed"))).toBe(
    "3 passed, 0 failed",
  );
});

test("what did not run is named only if there is any", () => {
  expect(line(0, file("passed", "passed", "skipped", "todo", "pending"))).toBe(
    "1 passed, 0 failed, 3 skipped",
  );
});

test("a file that fails without a failed test counts as one", () => {
  expect(line(1, file("passed", "passed"), file("failed"))).toBe("1 passed, 1 failed");
  expect(line(1, file("failed", "passed", "failed", "failed"))).toBe("1 passed, 2 failed");
  expect(line(1, file("failed", "passed", "skipped"))).toBe("1 passed, 1 failed, 1 skipped");
});

test("a run that fails without a failed test counts as one: an unhandled error", () => {
  expect(line(1, file("passed", "passed"))).toBe("1 passed, 1 failed");
});

test("no test is a failure", () => {
  expect(line(0)).toBe("0 passed, 1 failed");
  expect(line(0, file("passed", "skipped"))).toBe("0 passed, 1 failed, 1 skipped");
  expect(formatCounts(countTests(undefined, 0))).toBe("0 passed, 1 failed");
});
