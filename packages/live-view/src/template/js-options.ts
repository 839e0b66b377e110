import { checkJson } from "../json-value.ts";

/**
 * The elements a command acts on: a CSS selector in the document, or one relative to the element
 * that has the command. Without it, the element itself.
 */
export type JsTarget = string | { readonly closest: string } | { readonly inner: string };

/** Class names, separated by spaces or as an array. */
export type ClassNames = string | readonly string[];

/** Classes during a transition: those of its whole length, or of its run, its start and its end. */
export type JsTransition =
  | string
  | readonly [running: ClassNames, start: ClassNames, end: ClassNames];

/** Where a command acts. */
export interface JsTargetOptions {
  readonly to?: JsTarget;
}

/** How long a change of an element takes. */
export interface JsTimingOptions extends JsTargetOptions {
  /** In milliseconds. Default: 200. */
  readonly timeMs?: number;
  /** Whether patches wait for the transition. Default: true. */
  readonly blocking?: boolean;
}

/** A change of an element, with the classes to put on it meanwhile. */
export interface JsTransitionOptions extends JsTimingOptions {
  readonly transition?: JsTransition;
}

/** Options of `push`. */
export interface JsPushOptions {
  /** Selector of the views that get the event, or the id of a component. Default: this view. */
  readonly target?: string | number;
  /** Values to send along. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** Selector of the elements that also get the loading classes. */
  readonly loading?: string;
  /** Whether to announce the event as page loading. Default: false. */
  readonly pageLoading?: boolean;
}

/** Options of `dispatch`. */
export interface JsDispatchOptions extends JsTargetOptions {
  /** What the event carries. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Default: true. */
  readonly bubbles?: boolean;
  /** Whether patches wait until the event's `detail.done()` is called. Default: they do not. */
  readonly blocking?: true;
}

/** Options of `show`. */
export interface JsShowOptions extends JsTransitionOptions {
  /** The CSS value to show with. Default: `block`. */
  readonly display?: string;
}

/** Options of `toggle`. */
export interface JsToggleOptions extends JsTimingOptions {
  /** The CSS value to show with. Default: `block`. */
  readonly display?: string;
  /** Classes while showing. */
  readonly in?: JsTransition;
  /** Classes while hiding. */
  readonly out?: JsTransition;
}

/** Class names as the client takes them. */
export function readClassNames(names: ClassNames): readonly string[] {
  return (typeof names === "string" ? names.split(/\s+/) : names).filter((name) => name !== "");
}

/** A transition as the client takes it: the classes of its run, its start and its end. */
export function readTransition(
  transition: JsTransition | undefined,
): readonly (readonly string[])[] | undefined {
  if (transition === undefined) return undefined;
  return typeof transition === "string"
    ? [readClassNames(transition), [], []]
    : transition.map(readClassNames);
}

/** What all changes of an element take, as the client takes it. */
export function readTiming({
  to,
  timeMs,
  blocking,
}: JsTimingOptions): Readonly<Record<string, unknown>> {
  if (timeMs !== undefined) checkJson(["js"], "timeMs", timeMs);
  return { to, time: timeMs, blocking };
}
