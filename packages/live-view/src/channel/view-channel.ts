import {
  CLEAR_FLASH_EVENT,
  encodeFrame,
  encodeReply,
  EVENT,
  FormLimitError,
  LIVEVIEW_VERSION,
  parseEventPayload,
  isJsonObject,
  type EventPayload,
  type Frame,
} from "@live-stash/wire";
import { LiveViewError } from "../errors.ts";
import { statusOfError } from "../lifecycle/http-error.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { EndReason } from "../lifecycle/socket.ts";
import { ViewInstance } from "../lifecycle/view-instance.ts";
import type { Runtime } from "../runtime.ts";
import type { Admission } from "./join-admission.ts";
import { leaveResponse, livePatchPayload, type LeaveResponse } from "./leave-response.ts";
import { Mailbox } from "./mailbox.ts";
import { PageRoute } from "./page-route.ts";
import { ShownPage } from "./shown-page.ts";

type Message =
  | { readonly kind: "join"; readonly frame: Frame }
  | { readonly kind: "event"; readonly frame: Frame }
  | { readonly kind: "live_patch"; readonly frame: Frame }
  | { readonly kind: "info"; readonly message: unknown }
  /** Something was changed outside of any handler. */
  | { readonly kind: "flush" };

export interface ViewChannelOptions {
  readonly runtime: Runtime;
  readonly frame: Frame;
  readonly admission: Admission;
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** Whether the page was connected before. */
  readonly isReturn: boolean;
  readonly send: (text: string) => void;
  /** Called once, when the channel has ended by itself. */
  readonly onEnd: () => void;
}

/**
 * One joined view: takes its frames one at a time, runs the view, and sends replies and diffs in
 * order. Whatever goes wrong in the view ends this channel and no other.
 */
export class ViewChannel {
  readonly topic: string;
  readonly joinRef: string | null;
  readonly #runtime: Runtime;
  readonly #send: (text: string) => void;
  readonly #onEnd: () => void;
  readonly #instance: ViewInstance;
  readonly #mailbox: Mailbox<Message>;
  readonly #isNavigation: boolean;
  /** The page was connected before: a reload would cost what its browser holds. */
  readonly #isReturn: boolean;
  readonly #viewName: string;
  readonly #route: PageRoute;
  readonly #page: ShownPage;
  /** A message is being handled, or a flush waits: what changes now is sent with it. */
  #isSending = false;

  constructor(options: ViewChannelOptions) {
    const { runtime, frame, admission } = options;
    this.topic = frame.topic;
    this.joinRef = frame.joinRef;
    this.#runtime = runtime;
    this.#send = options.send;
    this.#onEnd = options.onEnd;
    this.#viewName = admission.route.view.name;
    this.#isNavigation = admission.isNavigation;
    this.#isReturn = options.isReturn;
    this.#mailbox = new Mailbox(runtime.limits.maxMailboxLength, (message) => this.#take(message));
    this.#instance = new ViewInstance(admission.route.view, admission.route.liveSession.use, {
      id: admission.id,
      connected: true,
      connectParams: options.connectParams,
      session: admission.session,
      url: admission.url,
      flash: admission.flash,
      post: (message) => this.#mailbox.post({ kind: "info", message }),
      onChange: () => this.#flushSoon(),
      onRejoin: () => this.#rejoin(),
    });
    this.#route = new PageRoute(runtime.router, this.#instance, admission.route);
    this.#page = new ShownPage(this.#instance);
  }

  /** Mounts the view and answers its join. */
  start(frame: Frame): void {
    this.#mailbox.post({ kind: "join", frame });
  }

  /** `false` if the mailbox is full. */
  receive(kind: "event" | "live_patch", frame: Frame): boolean {
    return this.#hasEnded || this.#mailbox.post({ kind, frame });
  }

  /** Ends the view from outside. Settles when its `terminate` has. */
  end(reason: EndReason): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    this.#mailbox.close();
    return this.#instance.terminate(reason, (cause) => this.#log("failed while it ended", cause));
  }

  get #hasEnded(): boolean {
    return this.#instance.socket.ended;
  }

  async #take(message: Message): Promise<void> {
    this.#isSending = true;
    try {
      if (message.kind === "join") await this.#join(message.frame);
      else await this.#handle(message);
    } catch (cause) {
      this.#crashOnce(message, cause);
    }
    this.#isSending = false;
    // Changed after the render, such as by a hook. Only once, or a hook that always does would loop.
    if (message.kind !== "flush" && this.#instance.socket.hasUnsent) this.#flushSoon();
  }

  #flushSoon(): void {
    if (!this.#isSending && !this.#hasEnded)
      this.#isSending = this.#mailbox.post({ kind: "flush" });
  }

  async #handle(message: Exclude<Message, { kind: "join" }>): Promise<void> {
    const instance = this.#instance;
    switch (message.kind) {
      case "info":
        await instance.handleInfo(message.message);
        return await this.#answer(undefined);
      case "flush":
        return await this.#answer(undefined);
      case "live_patch":
        return await this.#livePatch(message.frame);
      case "event": {
        const payload = readEvent(message.frame.payload);
        if (payload === undefined) {
          throw new LiveViewError("invalid_event_value", "an event push has not the shape of one");
        }
        if (payload.event === CLEAR_FLASH_EVENT) {
          const { key } = payload.value;
          instance.socket.clearFlash(typeof key === "string" ? key : undefined);
        } else if (payload.cid === undefined) {
          await instance.handleEvent(payload.event, payload.value);
        } else {
          throw new LiveViewError(
            "unknown_event",
            `the event ${nameOf(payload.event)} is for component ${payload.cid}, but views have no ` +
              "components. Remove the number from `phx-target` or from the `target` of `js.push`.",
          );
        }
        return await this.#answer(message.frame);
      }
    }
  }

  async #join(frame: Frame): Promise<void> {
    const instance = this.#instance;
    const { socket } = instance;
    await instance.mount(this.#route.params);
    if (this.#hasEnded) return;
    let leaving = socket.takeNavigation();
    if (leaving?.kind === "patch") {
      throw new LiveViewError(
        "invalid_navigation",
        `view "${socket.view.name}": pushPatch in mount. Use handleParams, or redirect.`,
      );
    }
    let patched: Navigation | undefined;
    if (leaving === undefined) {
      await this.#route.begin();
      if (this.#hasEnded) return;
      ({ patched, leaving } = await this.#route.follow());
    }
    if (leaving !== undefined) {
      await socket.settle();
      if (this.#hasEnded) return;
      this.#send(encodeReply(frame, "error", this.#leaveResponse(leaving)));
      return this.#endItself("redirected");
    }
    if (this.#isNavigation && socket.title === undefined) {
      socket.setTitle(this.#runtime.defaultTitle);
    }
    const diff = await this.#page.nextDiff();
    if (this.#hasEnded) return;
    const response = {
      rendered: diff,
      liveview_version: LIVEVIEW_VERSION,
      ...(patched === undefined ? {} : { live_patch: livePatchPayload(patched) }),
    };
    this.#send(encodeReply(frame, "ok", response));
  }

  async #livePatch(frame: Frame): Promise<void> {
    const location = isJsonObject(frame.payload) ? frame.payload.url : undefined;
    const url =
      typeof location === "string" && URL.canParse(location) ? new URL(location) : undefined;
    if (url === undefined || !this.#route.owns(url)) {
      this.#send(encodeReply(frame, "ok", { link_redirect: true }));
      return;
    }
    this.#instance.socket.clearFlash();
    await this.#route.patch(url);
    return this.#answer(frame);
  }

  /** Sends what a message led to: as the reply to its frame, or as pushes where there is none. */
  async #answer(frame: Frame | undefined): Promise<void> {
    const { socket } = this.#instance;
    const { patched, leaving } = await this.#route.follow();
    if (leaving !== undefined) {
      await socket.settle();
      if (this.#hasEnded) return;
      const pending = socket.takeDiffKeys();
      if (pending !== undefined) this.#push(EVENT.diff, pending);
      this.#sendLeaving(frame, leaving);
      // The client forgets the channel, and does not join it again.
      this.#send(encodeFrame(this.joinRef, this.joinRef, this.topic, EVENT.close, {}));
      return this.#endItself("redirected");
    }
    const diff = await this.#page.nextDiff();
    if (this.#hasEnded) return;
    if (patched !== undefined) this.#push(EVENT.livePatch, livePatchPayload(patched));
    if (frame !== undefined)
      this.#send(encodeReply(frame, "ok", diff === undefined ? {} : { diff }));
    else if (diff !== undefined) this.#push(EVENT.diff, diff);
  }

  #leaveResponse(leaving: Navigation): LeaveResponse {
    const { flash } = this.#instance.socket;
    return leaveResponse(leaving, flash, (each) => this.#runtime.tokens.flash.sign(each));
  }

  #sendLeaving(frame: Frame | undefined, leaving: Navigation): void {
    const response = this.#leaveResponse(leaving);
    if (frame !== undefined) {
      this.#send(encodeReply(frame, "ok", response));
      return;
    }
    for (const [event, payload] of Object.entries(response)) this.#push(event, payload);
  }

  #push(event: string, payload: object): void {
    this.#send(encodeFrame(this.joinRef, null, this.topic, event, payload));
  }

  #endItself(reason: EndReason): void {
    void this.end(reason);
    this.#onEnd();
  }

  /** Ends the view even if its crash cannot be reported: nothing may get past here. */
  #crashOnce(message: Message, cause: unknown): void {
    try {
      this.#crash(message, cause);
    } catch (failure) {
      this.#log("crashed, and its crash could not be reported", failure);
      this.#endItself("crashed");
    }
  }

  #crash(message: Message, cause: unknown): void {
    if (this.#hasEnded) {
      this.#log("failed after it had ended", cause);
      return;
    }
    const status = statusOfError(cause);
    const isJoin = message.kind === "join";
    if (status === 500 || !isJoin) {
      this.#log("crashed", cause);
      this.#runtime.crashGuard.note(this.#viewName, this.#instance.socket.session.id);
    }
    if (message.kind === "join" && !(this.#isReturn && status === 500)) {
      const response =
        status === 500
          ? { reason: "join crashed" }
          : { reason: "reload", status, token: this.#runtime.tokens.reload.sign({ status }) };
      this.#send(encodeReply(message.frame, "error", response));
    } else {
      this.#sendError("crashed");
    }
    this.#endItself("crashed");
  }

  #rejoin(): void {
    this.#sendError("rejoin");
    this.#endItself("rejoining");
  }

  /**
   * Has the client join again, with its own back-off, and show meanwhile what it shows. An error as the
   * answer to a join would have it load the page anew.
   */
  #sendError(reason: "crashed" | "rejoin"): void {
    this.#send(encodeFrame(this.joinRef, this.joinRef, this.topic, EVENT.error, { reason }));
  }

  #log(what: string, cause: unknown): void {
    this.#runtime.logger.error(`live-view: view "${this.#viewName}" ${what}`, cause);
  }
}

/** An event's name as it can stand in an error: a client chooses its length. */
const nameOf = (event: unknown): string => JSON.stringify(String(event).slice(0, 80));

function readEvent(payload: unknown): EventPayload | undefined {
  try {
    return parseEventPayload(payload);
  } catch (cause) {
    if (!(cause instanceof FormLimitError) || !isJsonObject(payload)) throw cause;
    throw new LiveViewError(
      "form_too_large",
      `the form of the event ${nameOf(payload.event)} was not handled. ${cause.message}`,
      { cause },
    );
  }
}
