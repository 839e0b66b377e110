import {
  CLEAR_FLASH_EVENT,
  encodeFrame,
  encodeReply,
  EVENT,
  type Frame,
  isJsonObject,
  LIVEVIEW_VERSION,
} from "@live-stash/wire";
import { diffTemplates } from "../diff/diff.ts";
import { LiveViewError } from "../errors.ts";
import type { RefusedEvent } from "../lifecycle/event-handler.ts";
import { statusOfError } from "../lifecycle/http-error.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { EndReason } from "../lifecycle/socket.ts";
import { ViewInstance } from "../lifecycle/view-instance.ts";
import type { Runtime } from "../runtime.ts";
import type { Template } from "../template/template.ts";
import type { Admission } from "./join-admission.ts";
import { Mailbox } from "./mailbox.ts";
import {
  leaveResponse,
  type LeaveResponse,
  livePatchPayload,
  MAX_URL_LENGTH,
  PageRoute,
  pageUrl,
} from "./page-navigation.ts";
import {
  type FrameSource,
  isOwnMessage,
  parseEvent,
  type ParsedMessage,
  parseWaiting,
  type ViewMessage,
  waitingFrame,
} from "./view-message.ts";

/** Most renders in a row for changes that are made while a render is sent: more are taken for a loop. */
const MAX_FLUSHES_IN_A_ROW = 20;

/** The connection of a channel, as far as the channel needs it. */
export interface ChannelOwner {
  send(text: string): void;
  /** Whether the client has unread frames. */
  readonly isBehind: boolean;
  /** Counts the memory of the client's frames, in bytes; a negative number releases bytes. */
  holdFrame(bytes: number): void;
  /** Called once, when the channel has ended: its `viewBytes` are freed. */
  viewEnded(viewBytes: number): void;
  /** Called once, when the channel has ended itself. */
  forget(channel: ViewChannel): void;
}

/** Everything that a channel needs of its join. */
export interface ViewChannelOptions {
  readonly runtime: Runtime;
  readonly frame: Frame;
  readonly admission: Admission;
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** Whether the page was connected before. */
  readonly isReturn: boolean;
  readonly owner: ChannelOwner;
  /** The memory that is counted for the view while it lives, in bytes. */
  readonly viewBytes: number;
}

/**
 * One joined view. `receive` puts a frame into the mailbox, `#take` handles one message at a time,
 * `#handle` runs the view, and `#answer` renders and sends the reply or the diff. A failure in the view
 * ends this channel and no other.
 */
export class ViewChannel {
  readonly topic: string;
  readonly joinRef: string | null;
  readonly #runtime: Runtime;
  readonly #owner: ChannelOwner;
  readonly #viewBytes: number;
  readonly #instance: ViewInstance;
  readonly #mailbox: Mailbox<ViewMessage>;
  readonly #route: PageRoute;
  readonly #viewName: string;
  readonly #isNavigation: boolean;
  /** Whether the page was connected before: a reload would lose the state that its browser holds. */
  readonly #isReturn: boolean;
  /** Whether the join was answered. */
  #isJoined = false;
  /** The render that the client shows; the next one is compared with it. */
  #shown: Template | undefined;
  /** Whether a message is being handled, or a flush waits: then its answer includes all changes. */
  #isSending = false;
  /** Whether a render was put off because the client is behind. */
  #isPutOff = false;
  #flushesInARow = 0;

  constructor(options: ViewChannelOptions) {
    const { runtime, frame, admission } = options;
    this.topic = frame.topic;
    this.joinRef = frame.joinRef;
    this.#runtime = runtime;
    this.#owner = options.owner;
    this.#viewBytes = options.viewBytes;
    this.#viewName = admission.route.view.name;
    this.#isNavigation = admission.isNavigation;
    this.#isReturn = options.isReturn;
    this.#mailbox = new Mailbox(
      runtime.limits.maxMailboxLength,
      (message) => this.#take(message),
      isOwnMessage,
    );
    this.#instance = new ViewInstance(admission.route.view, admission.route.liveSession.use, {
      id: admission.id,
      connected: true,
      connectParams: options.connectParams,
      session: admission.session,
      url: admission.url,
      flash: admission.flash,
      post: (message, tick) => this.#mailbox.post({ kind: "info", message, tick }),
      onChange: () => this.#flushSoon(),
      onRejoin: () => this.#rejoin(),
      onIdle: (run) => void this.#mailbox.post({ kind: "task", run }),
    });
    this.#route = new PageRoute(runtime.router, this.#instance, admission.route);
  }

  /** Mounts the view and answers its join. `bytes`: the memory of the parsed frame. */
  start(frame: Frame, bytes: number): void {
    this.#owner.holdFrame(bytes);
    this.#mailbox.post({ kind: "join", frame, bytes });
  }

  /** Handles a frame, or keeps its text until the view is idle. `false` if the mailbox is full. */
  receive(kind: "event" | "live_patch", frame: Frame, source: FrameSource): boolean {
    if (this.#hasEnded) return true;
    const message = this.#mailbox.isIdle
      ? { kind, frame, bytes: source.bytes }
      : waitingFrame(kind, source);
    // Before `post`, which may handle the message at once and free the bytes.
    this.#owner.holdFrame(message.bytes);
    if (this.#mailbox.post(message)) return true;
    this.#owner.holdFrame(-message.bytes);
    return false;
  }

  /** Passes an event that was too large to be parsed to the view, and answers it. `false` if the mailbox is full. */
  refuse(frame: Frame | undefined, event: RefusedEvent): boolean {
    return this.#hasEnded || this.#mailbox.post({ kind: "refused", frame, event });
  }

  /** Sends what was put off. Called when the client has read everything. */
  caughtUp(): void {
    if (this.#instance.socket.hasUnsent) this.#flushSoon();
  }

  /**
   * Ends the view because the client left. A client that leaves before its join was answered has timed
   * out, and will join again.
   */
  leave(): Promise<void> {
    return this.end(this.#isJoined ? "left" : "disconnected");
  }

  /** Ends the view. Settles when its `terminate` has. */
  end(reason: EndReason): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    for (const message of this.#mailbox.close()) {
      if ("bytes" in message) this.#owner.holdFrame(-message.bytes);
    }
    this.#owner.viewEnded(this.#viewBytes);
    return this.#instance.terminate(reason, (cause) => this.#log("failed while it ended", cause));
  }

  get #hasEnded(): boolean {
    return this.#instance.socket.ended;
  }

  /** Handles one message from the mailbox. */
  async #take(taken: ViewMessage): Promise<void> {
    this.#isSending = true;
    let message: ParsedMessage;
    if (taken.kind === "waiting") {
      message = parseWaiting(taken);
      this.#owner.holdFrame(message.bytes - taken.bytes);
    } else {
      message = taken;
    }
    try {
      await this.#handle(message);
    } catch (cause) {
      this.#crashOnce(message, cause);
    }
    if ("bytes" in message) this.#owner.holdFrame(-message.bytes);
    this.#isSending = false;
    // Changes made after the render are sent by another flush. After a flush, changes made by hooks do
    // not count, because a hook that always assigns something would loop forever. Flushes in a row are
    // also limited, because an asynchronous change by a hook cannot be told from one by the view.
    const { socket } = this.#instance;
    const isOnceMore = message.kind === "flush" && !this.#isPutOff;
    this.#flushesInARow = isOnceMore ? this.#flushesInARow + 1 : 0;
    const isDue = isOnceMore
      ? socket.hasUnsentOfView && this.#flushesInARow < MAX_FLUSHES_IN_A_ROW
      : socket.hasUnsent;
    if (isDue) this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isSending || this.#hasEnded) return;
    // A client that is behind gets no renders until `caughtUp`, but it gets pushed events, because queued
    // ones would pile up.
    if (this.#owner.isBehind && !this.#instance.socket.hasPushes) return;
    this.#isPutOff = false;
    this.#isSending = this.#mailbox.post({ kind: "flush" });
  }

  /** Runs the view for a message, and answers the message. */
  async #handle(message: ParsedMessage): Promise<void> {
    const instance = this.#instance;
    switch (message.kind) {
      case "join":
        return await this.#join(message.frame);
      case "event": {
        const { event, value } = parseEvent(message.frame.payload);
        if (event === CLEAR_FLASH_EVENT) {
          instance.socket.clearFlash(typeof value.key === "string" ? value.key : undefined);
        } else {
          await instance.handleEvent(event, value);
        }
        return await this.#answer(message.frame);
      }
      case "live_patch":
        return await this.#livePatch(message.frame);
      case "refused":
        await instance.handleTooLarge(message.event);
        return await this.#answer(message.frame);
      case "info":
        if (message.tick !== undefined) message.tick.isWaiting = false;
        await instance.handleInfo(message.message);
        return await this.#answer(undefined);
      case "task":
        await message.run();
        return await this.#answer(undefined);
      case "flush":
        return await this.#answer(undefined);
    }
  }

  /** Mounts the view and answers the join: with its render, or with where the page has to go. */
  async #join(frame: Frame): Promise<void> {
    const instance = this.#instance;
    const { socket } = instance;
    await instance.mount(this.#route.params);
    if (this.#hasEnded) return;
    let leaving = socket.takeNavigation();
    if (leaving?.kind === "patch") {
      throw new LiveViewError(
        "invalid_navigation",
        `view "${socket.view.name}": expected no patch in mount, found pushPatch. Call it in ` +
          "handleParams, or redirect.",
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
    const diff = await this.#nextDiff();
    if (this.#hasEnded) return;
    const response = {
      rendered: diff,
      liveview_version: LIVEVIEW_VERSION,
      ...(patched === undefined ? {} : { live_patch: livePatchPayload(patched) }),
    };
    this.#send(encodeReply(frame, "ok", response));
    this.#isJoined = true;
  }

  /** Follows a live link to another URL of the same view. */
  async #livePatch(frame: Frame): Promise<void> {
    const location = isJsonObject(frame.payload) ? frame.payload.url : undefined;
    const isLocation = typeof location === "string" && location.length <= MAX_URL_LENGTH;
    const { origin } = this.#instance.socket.url;
    const url = isLocation ? pageUrl(location, origin) : undefined;
    if (url === undefined || !this.#route.owns(url)) {
      this.#send(encodeReply(frame, "ok", { link_redirect: true }));
      return;
    }
    this.#instance.socket.clearFlash();
    await this.#route.patch(url);
    return this.#answer(frame);
  }

  /** Sends the result of a message: as the reply to its frame, or as pushes if it has none. */
  async #answer(frame: Frame | undefined): Promise<void> {
    const { patched, leaving } = await this.#route.follow();
    if (leaving !== undefined) return this.#leaveTo(leaving, frame);
    // A client that is behind gets no render that it did not ask for. It gets one when it has caught up.
    const isPutOff = frame === undefined && patched === undefined && this.#owner.isBehind;
    if (isPutOff) this.#isPutOff = true;
    const diff = await this.#nextDiff(isPutOff);
    if (this.#hasEnded) return;
    if (patched !== undefined) this.#push(EVENT.livePatch, livePatchPayload(patched));
    if (frame !== undefined)
      this.#send(encodeReply(frame, "ok", diff === undefined ? {} : { diff }));
    else if (diff !== undefined) this.#push(EVENT.diff, diff);
  }

  /**
   * Renders if something has changed, and waits for the promises of `waitUntil`. Returns the diff, or
   * `undefined` if there is none. `isPutOff`: does not render, and returns only the pushed events,
   * because queued ones would pile up.
   */
  async #nextDiff(isPutOff = false): Promise<object | undefined> {
    const { socket } = this.#instance;
    let tree: object | undefined;
    if (!isPutOff && (socket.takeChanged() || this.#shown === undefined)) {
      const next = this.#instance.render();
      tree = diffTemplates(this.#shown, next);
      this.#shown = next;
      await this.#instance.afterRender();
    }
    await socket.settle();
    const keys = socket.takeDiffKeys();
    return keys === undefined ? tree : { ...tree, ...keys };
  }

  /** Makes the page leave this view, and ends the view. */
  async #leaveTo(leaving: Navigation, frame: Frame | undefined): Promise<void> {
    const { socket } = this.#instance;
    await socket.settle();
    if (this.#hasEnded) return;
    const pending = socket.takeDiffKeys();
    if (pending !== undefined) this.#push(EVENT.diff, pending);
    const response = this.#leaveResponse(leaving);
    if (frame !== undefined) this.#send(encodeReply(frame, "ok", response));
    else for (const [event, payload] of Object.entries(response)) this.#push(event, payload);
    // Makes the client forget the channel, so that it does not join again.
    this.#send(encodeFrame(this.joinRef, this.joinRef, this.topic, EVENT.close, {}));
    this.#endItself("redirected");
  }

  #leaveResponse(leaving: Navigation): LeaveResponse {
    const { flash } = this.#instance.socket;
    return leaveResponse(leaving, flash, (each) => this.#runtime.tokens.flash.sign(each));
  }

  /** Ends the view, even if reporting its crash fails: no error may leave the channel. */
  #crashOnce(message: ParsedMessage, cause: unknown): void {
    try {
      this.#crash(message, cause);
    } catch (failure) {
      this.#log("crashed, and its crash could not be reported", failure);
      this.#endItself("crashed");
    }
  }

  #crash(message: ParsedMessage, cause: unknown): void {
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
   * Makes the client join again, after its own back-off, and keep the page as it is meanwhile. An error
   * as the answer to the join would make it reload the page.
   */
  #sendError(reason: "crashed" | "rejoin"): void {
    this.#send(encodeFrame(this.joinRef, this.joinRef, this.topic, EVENT.error, { reason }));
  }

  #endItself(reason: EndReason): void {
    void this.end(reason);
    this.#owner.forget(this);
  }

  #push(event: string, payload: object): void {
    this.#send(encodeFrame(this.joinRef, null, this.topic, event, payload));
  }

  #send(text: string): void {
    this.#owner.send(text);
  }

  #log(what: string, cause: unknown): void {
    this.#runtime.logger.error(`live-view: view "${this.#viewName}" ${what}`, cause);
  }
}
