/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The part of Vitest's JSON report that is read here.
 *
 * @typedef {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} Report
 */

/**
 * The counts of a test run.
 *
 * A file that fails without a failed test (it does not load, or its hooks throw) counts as one failed;
 * so does a run that fails although no test did (an unhandled error), and one in which no test ran.
 *
 * @param {Report | undefined} report undefined if Vitest wrote none
 * @param {number} exitCode Vitest's
 * @returns {Counts}
 */
export function countTests(report, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const statuses = file.assertionResults.map((test) => test.status);
    const failed = statuses.filter((status) => status === "failed").length;
    const passed = statuses.filter((status) => status === "passed").length;
    counts.passed += passed;
    counts.failed += file.status === "failed" ? Math.max(failed, 1) : failed;
    counts.skipped += statuses.length - passed - failed;
  }
  const nothingRan = counts.passed === 0;
  if (counts.failed === 0 && (exitCode !== 0 || nothingRan)) counts.failed = 1;
  return counts;
}

/** @param {Counts} counts */
export function formatCounts({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}
