const TIMED_OUT = Symbol("timed out");

/**
 * Waits for `pending`, but no longer than `timeoutMs`: then it resolves with what `onTimeout` returns,
 * or rejects with what `onTimeout` throws. `pending` itself is not cancelled.
 */
export async function settleWithin<Value, Fallback>(
  pending: PromiseLike<Value>,
  timeoutMs: number,
  onTimeout: () => Fallback,
): Promise<Value | Fallback> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, TIMED_OUT);
  });
  try {
    const first = await Promise.race([pending, timeout]);
    return first === TIMED_OUT ? onTimeout() : first;
  } finally {
    clearTimeout(timer);
  }
}
