import { vi } from "vitest";

/** The same limit as for `expect.poll` in vitest.config.ts: only against hanging. */
const WAIT_FOR_TIMEOUT_MS = 15_000;

// Vitest has no setting for this default, which is 1 s: a limit that a busy machine exceeds.
const waitFor = vi.waitFor;
vi.waitFor = (callback, options) =>
  waitFor(callback, {
    timeout: WAIT_FOR_TIMEOUT_MS,
    ...(typeof options === "number" ? { timeout: options } : options),
  });
