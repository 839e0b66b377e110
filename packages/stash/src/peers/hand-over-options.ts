import { checkOptionNames, describeFound, invalidOption, timerMs } from "../option-checks.ts";
import { positiveInteger } from "../option-checks.ts";
import type { HandOverSettings } from "./hand-over.ts";

/** How the stashes of a node that goes are given away. */
export interface HandOverOptions {
  /** Stops when it is aborted: what is not handed over by then stays. Default: never. */
  readonly signal?: AbortSignal;
  /** About how many bytes of records go in one request. Default 65,536; at most 1,048,576. */
  readonly batchBytes?: number;
  /** The longest that a peer is waited for to take one batch, in ms. Default 2,000. */
  readonly batchTimeoutMs?: number;
}

const of = "handOver";
const DEFAULT_BATCH_BYTES = 65_536;
/** With the largest record on top it still is a message that peers accept. */
const MAX_BATCH_BYTES = 1_048_576;
const DEFAULT_BATCH_TIMEOUT_MS = 2_000;

/** Rejects with `invalid_option`. */
export function parseHandOverOptions(
  options: HandOverOptions,
): HandOverSettings & { readonly signal: AbortSignal } {
  checkOptionNames(of, options, ["signal", "batchBytes", "batchTimeoutMs"]);
  const { signal = new AbortController().signal } = options;
  if (!(signal instanceof AbortSignal)) {
    throw invalidOption({
      of,
      option: "signal",
      expected: "an AbortSignal",
      found: describeFound(signal),
      advice: "Use AbortSignal.timeout(ms), or leave it out.",
    });
  }
  const batchBytes = positiveInteger(of, "batchBytes", options.batchBytes, DEFAULT_BATCH_BYTES);
  if (batchBytes > MAX_BATCH_BYTES) {
    throw invalidOption({
      of,
      option: "batchBytes",
      expected: `at most ${MAX_BATCH_BYTES}`,
      found: String(batchBytes),
      advice: `Leave it out for the default of ${DEFAULT_BATCH_BYTES}.`,
    });
  }
  const batchTimeoutMs = timerMs(
    of,
    "batchTimeoutMs",
    options.batchTimeoutMs,
    DEFAULT_BATCH_TIMEOUT_MS,
  );
  return { signal, batchBytes, batchTimeoutMs };
}
