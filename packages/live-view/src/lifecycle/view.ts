import { invalidOption } from "../errors.ts";
import type { Flash } from "../session/page-tokens.ts";
import type { Template } from "../template/template.ts";
import type { EventHandler, RefusedEvent } from "./event-handler.ts";
import type { MaybePromise, ViewHook } from "./hooks.ts";
import type { EndReason, Socket, ViewParams } from "./socket.ts";

/** The values that `render` may show beside the assigns. */
export interface RenderContext {
  readonly id: string;
  readonly connected: boolean;
  readonly flash: Flash;
  readonly url: URL;
}

/**
 * A view as its author writes it. Every callback may be async. Of one instance, one callback runs at a
 * time.
 */
export interface ViewDefinition<Assigns extends object, Message> {
  /**
   * Names the view in tokens and stashes: unique in one server, the same in every process and
   * release. Letters, digits, `_`, `-`, `.` and `/`, at most 100 characters.
   */
  readonly name: string;
  /** The hooks of the view, in the order in which they run. */
  readonly use?: readonly ViewHook<Assigns>[];
  /** Runs for the first render over HTTP (`socket.connected` is false) and for each join. */
  mount?(socket: Socket<Assigns, Message>, params: ViewParams): MaybePromise<void>;
  /** Runs after `mount`, and for each live patch of the URL. */
  handleParams?(socket: Socket<Assigns, Message>, params: ViewParams, url: URL): MaybePromise<void>;
  /** Handlers of the page's events, by name. An event without a handler crashes the view. */
  readonly handleEvent?: Readonly<Record<string, EventHandler<Assigns, Message>>>;
  /** Handles messages from `socket.send` and timers. */
  handleInfo?(socket: Socket<Assigns, Message>, message: Message): MaybePromise<unknown>;
  /**
   * Handles an event that the server refused because it is too large, such as a form with a text above
   * `limits.maxFrameBytes`. Inform the user. Default: a flash message `error`, in English.
   */
  handleTooLarge?(socket: Socket<Assigns, Message>, refused: RefusedEvent): MaybePromise<unknown>;
  /** Runs as soon as a mounted view has ended, even while a handler is still running. */
  terminate?(socket: Socket<Assigns, Message>, reason: EndReason): MaybePromise<void>;
  /** Renders the page. Must be pure: the same markup for the same arguments. */
  render(assigns: Readonly<Assigns>, context: RenderContext): Template;
}

/** A view for use in routes, made by `liveView`. */
export interface LiveView {
  readonly name: string;
  readonly definition: ViewDefinition<object, unknown>;
}

const NAME = /^[\w./-]{1,100}$/;

/**
 * Defines a view.
 *
 * @typeParam Assigns - the state of the view.
 * @typeParam Message - the messages that `handleInfo` accepts.
 * @throws `LiveViewError` `invalid_option` if the name, `render` or `use` is invalid.
 */
export function liveView<Assigns extends object, Message = unknown>(
  definition: ViewDefinition<Assigns, Message>,
): LiveView {
  if (typeof definition.name !== "string" || !NAME.test(definition.name)) {
    const expected = 'at most 100 letters, digits and _ - . /, such as "counter"';
    throw invalidOption("liveView", "name", expected, definition.name);
  }
  if (typeof definition.render !== "function") {
    const expected = `a function in view "${definition.name}"`;
    const found: unknown = Reflect.get(definition, "render");
    throw invalidOption("liveView", "render", expected, found);
  }
  const hookNames = (definition.use ?? []).map((hook) => hook.name);
  if (new Set(hookNames).size < hookNames.length) {
    const expected = `each hook once in view "${definition.name}"`;
    throw invalidOption("liveView", "use", expected, hookNames);
  }
  // The only place that drops a view's own types: the runtime just passes values through.
  return {
    name: definition.name,
    definition: definition as unknown as ViewDefinition<object, unknown>,
  };
}
