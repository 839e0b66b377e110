/** Something that a signal stops, in two steps. */
export interface Stoppable {
  /** Ends what is under way. Settles when it has ended; never rejects. */
  drain(): Promise<unknown>;
  /** Lets go of what others may have needed until they had drained too. Never rejects. */
  finish(): Promise<unknown>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const stoppables = new Set<Stoppable>();

/**
 * Stops something on SIGTERM and SIGINT: all of a process at once, as servers may share what the others
 * still need while they drain, such as the adapter of a stash. From then on the next signal has the
 * effect that it has without this: it ends the process. Gives a function that takes the promise back.
 */
export function stopOnSignals(stoppable: Stoppable): () => void {
  if (stoppables.size === 0) for (const signal of SIGNALS) process.on(signal, stopAll);
  stoppables.add(stoppable);
  return () => {
    if (stoppables.delete(stoppable) && stoppables.size === 0) stopListening();
  };
}

function stopListening(): void {
  for (const signal of SIGNALS) process.off(signal, stopAll);
}

function stopAll(): void {
  stopListening();
  const all = [...stoppables];
  stoppables.clear();
  void Promise.allSettled(all.map((each) => each.drain())).then(() =>
    Promise.allSettled(all.map((each) => each.finish())),
  );
}
