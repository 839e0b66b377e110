import type { EndReason, EventValue, Socket } from "./socket.ts";

/** The result of a callback that may be async. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * A hook's answer: continue, or halt, so that neither later hooks nor the view's own callback run.
 */
export type HookAnswer = "continue" | "halt" | void;

/**
 * Extends the lifecycle of every view that lists the hook in `use`: authentication, logging, the
 * stash. Hooks run in the order of the list, before the view's own callback.
 *
 * All instances of the view share one hook object. Keep the data of an instance in a `WeakMap` keyed by
 * its socket. The values must not reference the socket: V8's minor garbage collections treat values of
 * a `WeakMap` as alive, with everything that they reference.
 */
export interface ViewHook<in Assigns extends object> {
  /** Names the hook: unique in the `use` of one view. */
  readonly name: string;
  /**
   * Runs before `mount`, for the first render and for each join. To refuse a visitor, call
   * `socket.redirect(…)` and return `"halt"`.
   */
  onMount?(socket: Socket<Assigns>): MaybePromise<HookAnswer>;
  /** Runs after each render of a connected view, before the server sends the diff. */
  afterRender?(socket: Socket<Assigns>): MaybePromise<void>;
  /** Runs before the handler of an event. */
  onEvent?(socket: Socket<Assigns>, event: string, value: EventValue): MaybePromise<HookAnswer>;
  /**
   * Runs after the view handled an event, or a hook halted it, and before the page is rendered. Does not
   * run if the handler failed.
   */
  afterEvent?(socket: Socket<Assigns>, event: string, value: EventValue): MaybePromise<void>;
  /** Runs before `handleInfo`. */
  onInfo?(socket: Socket<Assigns>, message: unknown): MaybePromise<HookAnswer>;
  /**
   * Runs as soon as a mounted view has ended, even while one of its handlers is still running, and also
   * after `mount` itself failed.
   */
  onTerminate?(socket: Socket<Assigns>, reason: EndReason): MaybePromise<void>;
  /**
   * Runs once after all views of a server have ended because it stops for good (`LiveServer.close`,
   * SIGTERM, SIGINT). Closes resources that views share and that keep the process alive, such as the
   * connection of an adapter. If several servers of a process share the hook, each calls it once.
   */
  onServerClose?(): MaybePromise<void>;
}
