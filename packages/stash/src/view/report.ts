import {
  channels,
  type ErrorEvent,
  type OperationName,
  type OperationResult,
  traceOperation,
} from "../channels.ts";
import { describeCause, isDevelopment, messageWithCause } from "../describe-cause.ts";
import { StashError } from "../errors.ts";
import type { StashErrorContext } from "../options.ts";
import type { StashedView } from "./stashed-view.ts";

/** Passes an error to `onError` and to the diagnostics channel. Never throws, whatever `onError` does. */
export function report(
  { settings, host }: StashedView,
  operation: StashErrorContext["operation"],
  error: StashError,
): void {
  const context: StashErrorContext = { view: host.view.name, operation };
  if (channels.error.hasSubscribers) {
    const event: ErrorEvent = { ...context, adapter: settings.adapter.name, code: error.code };
    channels.error.publish(event);
  }
  try {
    if (settings.onError === undefined) logError(error, context);
    // `onError` may be async: without this, its rejection would be unhandled.
    else Promise.resolve(settings.onError(error, context)).catch(logBoth);
  } catch (thrown) {
    logBoth(thrown);
  }

  function logBoth(thrown: unknown): void {
    logError(error, context);
    logThrown("onError", thrown);
  }
}

/** Publishes the result of an operation of a view. Call it only if the channel has subscribers. */
export function trace(
  { host, settings }: StashedView,
  operation: OperationName,
  result: Promise<OperationResult>,
): void {
  traceOperation({ operation, view: host.view.name, adapter: settings.adapter.name }, result);
}

/**
 * Warns, outside of production and once per adapter and view name, that a view stashes state which
 * it never recovers. Nothing else would show it: every call succeeds, and every state is lost.
 */
export function warnOfNoRecovery({ host, background: { viewsWarnedOf } }: StashedView): void {
  const { name } = host.view;
  if (viewsWarnedOf.has(name) || !isDevelopment()) return;
  viewsWarnedOf.add(name);
  console.warn(
    `live-stash: stash() of view "${name}": expected recoverState() to have been called before, ` +
      "found that it was not, so a page that reconnects starts without its stashed state. In " +
      "mount, assign the defaults, then `await recoverState(socket)`.",
  );
}

/** Logs an error of a callback of the application that no caller receives. */
export function logThrown(option: "onError" | "onLateRecovery", thrown: unknown): void {
  const line = `live-stash: the option ${option} threw:`;
  try {
    console.error(line, thrown);
  } catch {
    // Printing the error may throw as well, such as by a getter.
    console.error(`${line} ${describeCause(thrown)}`);
  }
}

function logError(error: StashError, { view, operation }: StashErrorContext): void {
  const text = messageWithCause(error);
  console.error(`live-stash: ${operation} of view "${view}": ${error.code}: ${text}`);
}

/** Converts any thrown value to a `StashError`: reading a value of the application may throw anything. */
export function asStashError(thrown: unknown): StashError {
  if (thrown instanceof StashError) return thrown;
  return new StashError(
    "unexpected_error",
    "Expected values that can be read without an error, found one (see cause), such as of a getter. " +
      "Store plain data.",
    { cause: thrown },
  );
}
