import { LiveViewError } from "../errors.ts";
import { quoteText } from "../message-text.ts";
import type { Template } from "../template/template.ts";
import { type RefusedEvent, tooLargeText } from "./event-handler.ts";
import type { MaybePromise, ViewHook } from "./hooks.ts";
import type { EndReason, EventValue, ViewParams } from "./socket.ts";
import { ViewSocket, type ViewSocketOptions } from "./view-socket.ts";
import type { LiveView, ViewDefinition } from "./view.ts";

/** Runs the callbacks of one view with their hooks. An instance knows nothing of frames. */
export class ViewInstance {
  readonly socket: ViewSocket;
  readonly #definition: ViewDefinition<object, unknown>;
  readonly #hooks: readonly ViewHook<object>[];
  #mounted = false;

  constructor(
    view: LiveView,
    sessionHooks: readonly ViewHook<object>[],
    options: Omit<ViewSocketOptions, "viewName">,
  ) {
    this.#definition = view.definition;
    const own = view.definition.use ?? [];
    this.#hooks = sessionHooks.length === 0 ? own : [...sessionHooks, ...own];
    this.socket = new ViewSocket({ ...options, viewName: view.name });
  }

  async mount(params: ViewParams): Promise<void> {
    this.#mounted = true;
    for (const hook of this.#hooks) {
      if ((await hook.onMount?.(this.socket)) === "halt") return;
    }
    await this.#definition.mount?.(this.socket, params);
  }

  handleParams(params: ViewParams, url: URL): MaybePromise<void> {
    this.socket.url = url;
    return this.#definition.handleParams?.(this.socket, params, url);
  }

  async handleEvent(event: string, value: EventValue): Promise<void> {
    await this.#runEvent(event, value);
    for (const hook of this.#hooks) {
      if (hook.afterEvent !== undefined) await hook.afterEvent(this.socket, event, value);
    }
  }

  async #runEvent(event: string, value: EventValue): Promise<void> {
    for (const hook of this.#hooks) {
      if (hook.onEvent === undefined) continue;
      if ((await hook.onEvent(this.socket, event, value)) === "halt") return;
    }
    const handlers = this.#definition.handleEvent;
    const handler =
      handlers !== undefined && Object.hasOwn(handlers, event) ? handlers[event] : undefined;
    if (handler === undefined) {
      throw new LiveViewError(
        "unknown_event",
        `view "${this.socket.view.name}": expected an event in \`handleEvent\`, found ` +
          `${quoteText(event)}. Add a handler, or remove the event from the template.`,
      );
    }
    await handler(this.socket, value);
  }

  async handleInfo(message: unknown): Promise<void> {
    for (const hook of this.#hooks) {
      if ((await hook.onInfo?.(this.socket, message)) === "halt") return;
    }
    if (this.#definition.handleInfo === undefined) {
      throw new LiveViewError(
        "unhandled_message",
        `view "${this.socket.view.name}": expected \`handleInfo\` for a message, found none. Add it.`,
      );
    }
    await this.#definition.handleInfo(this.socket, message);
  }

  async handleTooLarge(refused: RefusedEvent): Promise<void> {
    if (this.#definition.handleTooLarge === undefined) {
      this.socket.putFlash("error", tooLargeText(refused));
    } else {
      await this.#definition.handleTooLarge(this.socket, refused);
    }
  }

  render(): Template {
    const { assigns, id, connected, flash, url } = this.socket;
    return this.#definition.render(assigns, { id, connected, flash, url });
  }

  afterRender(): MaybePromise<void> {
    const hooks = this.#hooks.filter((hook) => hook.afterRender !== undefined);
    return hooks.length === 0 ? undefined : runAfterRender(hooks, this.socket);
  }

  /** Stops the timers, then runs every hook and `terminate`, even if one of them throws. */
  async terminate(reason: EndReason, onError: (cause: unknown) => void): Promise<void> {
    this.socket.end();
    if (!this.#mounted) return;
    const endings: (() => MaybePromise<void>)[] = [];
    for (const hook of this.#hooks) {
      if (hook.onTerminate !== undefined)
        endings.push(() => hook.onTerminate?.(this.socket, reason));
    }
    if (this.#definition.terminate !== undefined) {
      endings.push(() => this.#definition.terminate?.(this.socket, reason));
    }
    if (endings.length === 0) return;
    await Promise.all(endings.map((ending) => runEnding(ending, onError)));
  }
}

async function runAfterRender(
  hooks: readonly ViewHook<object>[],
  socket: ViewSocket,
): Promise<void> {
  for (const hook of hooks) {
    socket.isInHook = true;
    let called: MaybePromise<void>;
    try {
      called = hook.afterRender?.(socket);
    } finally {
      socket.isInHook = false;
    }
    await called;
  }
}

async function runEnding(
  ending: () => MaybePromise<void>,
  onError: (cause: unknown) => void,
): Promise<void> {
  try {
    await ending();
  } catch (cause) {
    onError(cause);
  }
}
