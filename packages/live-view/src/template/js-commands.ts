import { LiveViewError } from "../errors.ts";
import { checkJson } from "../json-value.ts";
import { isUrlAttribute, refusedAttribute } from "./attribute-kinds.ts";
import { safeUrl } from "./safe-url.ts";

type Arguments = Readonly<Record<string, unknown>>;

function settable(attribute: string, doing: string): string {
  const reason = refusedAttribute(attribute);
  if (reason === undefined) return attribute;
  throw new LiveViewError(
    "invalid_value",
    `Building the js command ${doing}: expected an attribute that may be set, found ` +
      `\`${attribute}\`: ${reason}.`,
  );
}

const attributeValue = (name: string, value: string): string =>
  isUrlAttribute(name.toLowerCase()) ? safeUrl(value, name.toLowerCase()) : value;

/**
 * Commands that the client runs without the server, in order. Immutable: every method returns a
 * longer list. Put it into an attribute: `phx-click=${js.push("save").hide({ to: "#dialog" })}`.
 */
export class JsCommands {
  readonly #commands: readonly (readonly [kind: string, Arguments])[];
  #json: string | undefined;

  /** @internal Start from `js`. */
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

  /** Dispatches a DOM event. With `blocking`, patches wait until its `detail.done()` is called. */
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

  /** Puts classes on elements for a time. */
  transition(transition: JsTransition, options: JsTimingOptions = {}): JsCommands {
    return this.#add("transition", {
      transition: readTransition(transition),
      ...readTiming(options),
    });
  }

  /** Sets an attribute. `on*` and `srcdoc` are refused, and script URLs are blocked. */
  setAttribute(name: string, value: string, { to }: JsTargetOptions = {}): JsCommands {
    const attribute = settable(name, "setAttribute");
    return this.#add("set_attr", { attr: [attribute, attributeValue(name, value)], to });
  }

  /** Removes an attribute. */
  removeAttribute(name: string, { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("remove_attr", { attr: name, to });
  }

  /** Sets an attribute to `on`; if it is there, removes it, or switches between `on` and `off`. */
  toggleAttribute(
    name: string,
    on: string,
    { to, off }: JsTargetOptions & { readonly off?: string } = {},
  ): JsCommands {
    const attribute = settable(name, "toggleAttribute");
    const values = (off === undefined ? [on] : [on, off]).map((value) =>
      attributeValue(name, value),
    );
    return this.#add("toggle_attr", { attr: [attribute, ...values], to });
  }

  /** Lets the client keep these attributes through patches; `*` stands for any characters. */
  ignoreAttributes(names: string | readonly string[], { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("ignore_attrs", { attrs: typeof names === "string" ? [names] : names, to });
  }

  /** Focuses an element. */
  focus({ to }: JsTargetOptions = {}): JsCommands {
    return this.#add("focus", { to });
  }

  /** Focuses the first element within that can be. */
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

  /** Runs the commands that stand in an attribute. */
  exec(attribute: string, { to }: JsTargetOptions = {}): JsCommands {
    return this.#add("exec", { attr: attribute, to });
  }

  /** The commands as JSON values, for instance to push them in an event. */
  toJSON(): unknown {
    return this.#commands;
  }

  /** The commands as JSON text, as it stands in an attribute. */
  toString(): string {
    this.#json ??= JSON.stringify(this.#commands);
    return this.#json;
  }
}

/** The beginning of every list of JS commands: `js.push("save")`, `js.hide().focus()`. */
export const js: JsCommands = new JsCommands([]);

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
function readClassNames(names: ClassNames): readonly string[] {
  return (typeof names === "string" ? names.split(/\s+/) : names).filter((name) => name !== "");
}

/** A transition as the client takes it: the classes of its run, its start and its end. */
function readTransition(
  transition: JsTransition | undefined,
): readonly (readonly string[])[] | undefined {
  if (transition === undefined) return undefined;
  return typeof transition === "string"
    ? [readClassNames(transition), [], []]
    : transition.map(readClassNames);
}

/** What all changes of an element take, as the client takes it. */
function readTiming({ to, timeMs, blocking }: JsTimingOptions): Readonly<Record<string, unknown>> {
  if (timeMs !== undefined) checkJson(["js"], "timeMs", timeMs);
  return { to, time: timeMs, blocking };
}
