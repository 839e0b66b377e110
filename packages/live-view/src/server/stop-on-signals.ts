/** A server that a signal stops, in two steps. */
export interface Stoppable {
  /** Ends requests and views. Settles when they have ended. */
  drain(): Promise<unknown>;
  /** Closes resources that other servers may have needed until they had drained too. */
  finish(): Promise<unknown>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** All that a signal stops: one set, because signals are sent to the process as a whole. */
const stoppables = new Set<Stoppable>();

/**
 * Stops a server on SIGTERM and SIGINT. All servers of the process drain before the first one finishes,
 * because they may share resources, such as the adapter of a stash. A second signal has its default
 * effect: it ends the process. Returns a function that undoes the registration.
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
