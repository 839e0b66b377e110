import type { EndReason, EventValue, Socket } from "./socket.ts";

type MaybePromise<T> = T | Promise<T>;

/** What a hook answers: go on, or stop here (later hooks and the view's own callback do not run). */
export type HookAnswer = "continue" | "halt" | void;

/**
 * Something that attaches to the life of every view that lists it in `use`: authentication,
 * logging, the stash. Hooks run in the order of the list, before the view's own callback.
 * A hook object is shared by all instances of the view; keep what belongs to one in a `WeakMap`, as
 * values that do not hold its socket: to minor garbage collections they are alive with all they hold.
 */
export interface ViewHook<in Assigns extends object> {
  /** Unique in one view's `use`. */
  readonly name: string;
  /** Before `mount`, for the first render and for each join. To refuse: `socket.redirect(…)` and `"halt"`. */
  onMount?(socket: Socket<Assigns>): MaybePromise<HookAnswer>;
  /** After each render of a connected view, before it is sent. */
  afterRender?(socket: Socket<Assigns>): MaybePromise<void>;
  /** Before `handleEvent`. */
  onEvent?(socket: Socket<Assigns>, event: string, value: EventValue): MaybePromise<HookAnswer>;
  /**
   * After the event was handled, by the view or by a hook that halted it, and before the page is
   * rendered. Not if that failed.
   */
  afterEvent?(socket: Socket<Assigns>, event: string, value: EventValue): MaybePromise<void>;
  /** Before `handleInfo`. */
  onInfo?(socket: Socket<Assigns>, message: unknown): MaybePromise<HookAnswer>;
  /**
   * As soon as a mounted view has ended, even while one of its handlers still waits for something;
   * also if `mount` itself failed.
   */
  onTerminate?(socket: Socket<Assigns>, reason: EndReason): MaybePromise<void>;
  /**
   * Once all views of a server have ended and it goes for good (`LiveServer.close`, SIGTERM, SIGINT):
   * releases what is shared by views and keeps the process alive, such as the connection of an adapter.
   * Several servers of a process may call it, each once.
   */
  onServerClose?(): MaybePromise<void>;
}
