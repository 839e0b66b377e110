import { isDevelopment } from "./describe-cause.ts";

/** The names of views of which a warning was printed: one each is enough. */
const warned = new Set<string>();

/**
 * Warns, outside of production and once per process and view name, that a view stashes what it
 * never recovers. Nothing else shows it: every call succeeds, and every state is lost.
 */
export function warnOfNoRecovery(viewName: string): void {
  if (warned.has(viewName) || !isDevelopment()) return;
  warned.add(viewName);
  console.warn(
    `live-stash: stash() of view "${viewName}": expected recoverState() to have been called before, ` +
      "found that it was not, so a page that reconnects starts without what it had stashed. In " +
      "mount, assign the defaults, then `await recoverState(socket)`.",
  );
}
