/** Resolves after `ms`. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Repeats an attempt until it succeeds. Rejects with the last error after `withinMs`. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  withinMs: number,
): Promise<Result> {
  const giveUpMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= giveUpMs) throw error;
    }
    await wait(20);
  }
}
