import { LiveViewError } from "../errors.ts";
import { checkJson } from "../json-value.ts";
import { isUrlAttribute, refusalReason } from "./attribute-kinds.ts";
import { safeUrl } from "./safe-url.ts";

/**
 * The elements that a command acts on: a CSS selector in the document, or one relative to the element
 * with the command. Default: that element itself.
 */
export type JsTarget = string | { readonly closest: string } | { readonly inner: string };

/** Class names, separated by spaces or as an array. */
export type ClassNames = string | readonly string[];

/** Classes during a transition: for its whole length, or for its run, its start and its end. */
export type JsTransition =
  | string
  | readonly [running: ClassNames, start: ClassNames, end: ClassNames];

/** Options that choose the elements of a command. */
export interface JsTargetOptions {
  readonly to?: JsTarget;
}

/** Options for the duration of a change. */
export interface JsTimingOptions extends JsTargetOptions {
  /** In milliseconds. Default: 200. */
  readonly timeMs?: number;
  /** Whether patches wait for the transition. Default: true. */
  readonly blocking?: boolean;
}

/** Options for a change with classes that the element has meanwhile. */
export interface JsTransitionOptions extends JsTimingOptions {
  readonly transition?: JsTransition;
}

/** Options of `push`. */
export interface JsPushOptions {
  /** A selector of the views that receive the event, or the id of a component. Default: this view. */
  readonly target?: string | number;
  /** Values to send along. */
  readonly value?: Readonly<Record<string, unknown>>;
  /** A selector of further elements that get the loading classes. */
  readonly loading?: string;
  /** Whether to announce the event as page loading. Default: false. */
  readonly pageLoading?: boolean;
}

/** Options of `dispatch`. */
export interface JsDispatchOptions extends JsTargetOptions {
  /** The `detail` of the DOM event. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Whether the event bubbles. Default: true. */
  readonly bubbles?: boolean;
  /** Makes patches wait until the page calls `detail.done()` of the event. Default: no wait. */
  readonly blocking?: true;
}

/** Options of `show`. */
export interface JsShowOptions extends JsTransitionOptions {
  /** The CSS `display` value of the shown element. Default: `block`. */
  readonly display?: string;
}

/** Options of `toggle`. */
export interface JsToggleOptions extends JsTimingOptions {
  /** The CSS `display` value of the shown element. Default: `block`. */
  readonly display?: string;
  /** Classes while showing. */
  readonly in?: JsTransition;
  /** Classes while hiding. */
  readonly out?: JsTransition;
}

type Arguments = Readonly<Record<string, unknown>>;

/**
 * A list of commands that the client runs in order, without the server. Immutable: every method
 * returns a longer list. Put the list into an attribute:
 * `phx-click=${js.push("save").hide({ to: "#dialog" })}`.
 */
export class JsCommands {
  readonly #commands: readonly (readonly [kind: string, Arguments])[];
  #json: string | undefined;

  /** @internal Applications start from `js`. */
  constructor(commands: readonly (readonly [kind: string, Arguments])[]) {
    this.#commands = commands;
  }

  #add(kind: string, options: Arguments): JsCommands {
    return new JsCommands([...this.#commands, [kind, options]]);
  }

  /** Sends an event to the view. */
  push(event: string, options: JsPushOptions = {}): JsCommands {
    const { target, value, loading, pageLoading } = options;
    if (value !== undefined) checkJson(["js.push", event], "value", value);
    return this.#add("push", { event, target, value, loading, page_loading: pageLoading });
  }

  /** Dispatches a DOM event. With `blocking`, patches wait until the page calls `detail.done()`. */
  dispatch(event: string, options: JsDispatchOptions = {}): JsCommands {
    const { to, detail, bubbles, blocking } = options;
    if (detail !== undefined) checkJson(["js.dispatch", event], "detail", detail);
    return this.#add("dispatch", { event, to, detail, bubbles, blocking });
  }

  /** Shows elements that are hidden. */
  show(options: JsShowOptions = {}): JsCommands {
    const { display, transition } = options;
    return this.#add("show", {
      display,
      transition: readTransition(transition),
      ...readTiming(options),
    });
  }

  /** Hides elements. */
  hide(options: JsTransitionOptions = {}): JsCommands {
    return this.#add("hide", {
      transition: readTransition(options.transition),
      ...readTiming(options),
    });
  }

  /** Shows elements that are hidden and hides those that are not. */
  toggle(options: JsToggleOptions = {}): JsCommands {
    const { display } = options;
    const [ins, outs] = [readTransition(options.in), readTransition(options.out)];
    return this.#add("toggle", { display, ins, outs, ...readTiming(options) });
  }

  /** Adds classes. */
  addClass(names: ClassNames, options: JsTransitionOptions = {}): JsCommands {
    return this.#changeClass("add_class", names, options);
  }

  /** Removes classes. */
  removeClass(names: ClassNames, options: JsTransitionOptions = {}): JsCommands {
    return this.#changeClass("remove_class", names, options);
  }

  /** Adds the classes that are absent and removes those that are present. */
  toggleClass(names: ClassNames, options: JsTransitionOptions = {}): JsCommands {
    return this.#changeClass("toggle_class", names, options);
  }

  #changeClass(kind: string, names: ClassNames, options: JsTransitionOptions): JsCommands {
    const transition = readTransition(options.transition);
    return this.#add(kind, { names: readClassNames(names), transition, ...readTiming(options) });
  }

  /** Puts classes on elements for the time of a transition. */
  transition(transition: JsTransition, options: JsTimingOptions = {}): JsCommands {
    return this.#add("transition", {
      transition: readTransition(transition),
      ...readTiming(options),
    });
  }

  /** Sets an attribute. Throws for `on*` and `srcdoc`, and blocks URLs that run as scripts. */
  setAttribute(name: string, value: string, { to }: JsTargetOptions = {}): JsCommands {
    const attribute = settable(name, "setAttribute");
    return this.#add("set_attr", { attr: [attribute, safeValue(name, value)], to });
  }

  /** Removes an attribute. */
  removeAttribute(name: string, { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("remove_attr", { attr: name, to });
  }

  /**
   * Sets an attribute to `on` if it is absent, and removes it if it is present. With `off`, switches
   * between the two values instead.
   */
  toggleAttribute(
    name: string,
    on: string,
    { to, off }: JsTargetOptions & { readonly off?: string } = {},
  ): JsCommands {
    const attribute = settable(name, "toggleAttribute");
    const values = (off === undefined ? [on] : [on, off]).map((value) => safeValue(name, value));
    return this.#add("toggle_attr", { attr: [attribute, ...values], to });
  }

  /** Makes patches leave these attributes alone; `*` stands for any characters. */
  ignoreAttributes(names: string | readonly string[], { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("ignore_attrs", { attrs: typeof names === "string" ? [names] : names, to });
  }

  /** Focuses an element. */
  focus({ to }: JsTargetOptions = {}): JsCommands {
    return this.#add("focus", { to });
  }

  /** Focuses the first focusable element inside. */
  focusFirst({ to }: JsTargetOptions = {}): JsCommands {
    return this.#add("focus_first", { to });
  }

  /** Remembers an element, for `popFocus`. */
  pushFocus({ to }: JsTargetOptions = {}): JsCommands {
    return this.#add("push_focus", { to });
  }

  /** Focuses the element remembered last. */
  popFocus(): JsCommands {
    return this.#add("pop_focus", {});
  }

  /** Opens another view of the same live session, over the same socket. */
  navigate(href: string, { replace }: { readonly replace?: boolean } = {}): JsCommands {
    return this.#add("navigate", { href: safeUrl(href, "href"), replace });
  }

  /** Opens another URL of the same view. */
  patch(href: string, { replace }: { readonly replace?: boolean } = {}): JsCommands {
    return this.#add("patch", { href: safeUrl(href, "href"), replace });
  }

  /** Runs the commands in an attribute. */
  exec(attribute: string, { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("exec", { attr: attribute, to });
  }

  /** Returns the commands as JSON values, for instance to push them in an event. */
  toJSON(): unknown {
    return this.#commands;
  }

  /** Returns the commands as JSON text, the value of an attribute. */
  toString(): string {
    this.#json ??= JSON.stringify(this.#commands);
    return this.#json;
  }
}

/** The empty list, from which every list of JS commands starts: `js.hide().focus()`. */
export const js: JsCommands = new JsCommands([]);

function settable(attribute: string, method: string): string {
  const reason = refusalReason(attribute);
  if (reason === undefined) return attribute;
  throw new LiveViewError(
    "invalid_value",
    `Building the js command ${method}: expected an attribute that may be set, found ` +
      `\`${attribute}\`: ${reason}.`,
  );
}

function safeValue(name: string, value: string): string {
  const lower = name.toLowerCase();
  return isUrlAttribute(lower) ? safeUrl(value, lower) : value;
}

/** Converts class names to the form that the client expects. */
function readClassNames(names: ClassNames): readonly string[] {
  return (typeof names === "string" ? names.split(/\s+/) : names).filter((name) => name !== "");
}

/** Converts a transition to the form that the client expects: classes of run, start and end. */
function readTransition(
  transition: JsTransition | undefined,
): readonly (readonly string[])[] | undefined {
  if (transition === undefined) return undefined;
  return typeof transition === "string"
    ? [readClassNames(transition), [], []]
    : transition.map(readClassNames);
}

/** Converts the options of every change to the form that the client expects. */
function readTiming({ to, timeMs, blocking }: JsTimingOptions): Readonly<Record<string, unknown>> {
  if (timeMs !== undefined) checkJson(["js"], "timeMs", timeMs);
  return { to, time: timeMs, blocking };
}
