import { LiveViewError } from "../errors.ts";
import { foundValue } from "../message-text.ts";
import type { Template } from "../template/template.ts";
import type { EventHandler, RefusedEvent } from "./event-handler.ts";
import type { ViewHook } from "./hooks.ts";
import type { EndReason, Socket, ViewParams } from "./socket.ts";
import type { Flash } from "../session/page-tokens.ts";

type MaybePromise<T> = T | Promise<T>;

/** What `render` may show beside the assigns. */
export interface RenderContext {
  readonly id: string;
  readonly connected: boolean;
  readonly flash: Flash;
  readonly url: URL;
}

/** A view as its author writes it. Every callback may be async; one runs at a time per instance. */
export interface ViewDefinition<Assigns extends object, Message> {
  /**
   * Names the view in tokens and stashes: unique in one server, the same in every process and
   * release. Letters, digits, `_`, `-`, `.` and `/`, at most 100 characters.
   */
  readonly name: string;
  /** Hooks, in order. */
  readonly use?: readonly ViewHook<Assigns>[];
  /** Runs for the first render over HTTP (`socket.connected` is false) and at each join. */
  mount?(socket: Socket<Assigns, Message>, params: ViewParams): MaybePromise<void>;
  /** Runs after `mount`, and for each patch of the URL. */
  handleParams?(socket: Socket<Assigns, Message>, params: ViewParams, url: URL): MaybePromise<void>;
  /** The events of the page by name. An event that is not here crashes the view. */
  readonly handleEvent?: Readonly<Record<string, EventHandler<Assigns, Message>>>;
  /** Messages from `socket.send` and timers. */
  handleInfo?(socket: Socket<Assigns, Message>, message: Message): MaybePromise<unknown>;
  /**
   * The page sent an event that is too large to be read, such as a form with a text above
   * `limits.maxFrameBytes`. Tell the person. Default: a flash message `error`, in English.
   */
  handleTooLarge?(socket: Socket<Assigns, Message>, refused: RefusedEvent): MaybePromise<unknown>;
  /** As soon as a mounted view has ended, even while a handler still waits for something. */
  terminate?(socket: Socket<Assigns, Message>, reason: EndReason): MaybePromise<void>;
  /** Must be pure: the same markup for the same arguments. */
  render(assigns: Readonly<Assigns>, context: RenderContext): Template;
}

/** A view that routes can lead to, made by `liveView`. */
export interface LiveView {
  readonly name: string;
  readonly definition: ViewDefinition<object, unknown>;
}

const NAME = /^[\w./-]{1,100}$/;

function invalid(found: string, expected: string): LiveViewError {
  return new LiveViewError("invalid_option", `liveView: expected ${expected}, found ${found}.`);
}

/**
 * Defines a view.
 *
 * @typeParam Assigns - its state.
 * @typeParam Message - what `handleInfo` accepts.
 * @throws `LiveViewError` `invalid_option` if the definition is not one.
 */
export function liveView<Assigns extends object, Message = unknown>(
  definition: ViewDefinition<Assigns, Message>,
): LiveView {
  if (typeof definition.name !== "string" || !NAME.test(definition.name)) {
    throw invalid(
      foundValue(definition.name),
      'a `name` of letters, digits and _ - . /, such as "counter"',
    );
  }
  if (typeof definition.render !== "function") {
    throw invalid(typeof definition.render, `a \`render\` function in view "${definition.name}"`);
  }
  const hookNames = (definition.use ?? []).map((hook) => hook.name);
  const twice = hookNames.find((name, index) => hookNames.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(`"${twice}" twice`, `each hook once in \`use\` of view "${definition.name}"`);
  }
  // The one place where a view's own types are given up: the runtime only passes values through.
  return {
    name: definition.name,
    definition: definition as unknown as ViewDefinition<object, unknown>,
  };
}
