import {
  CLEAR_FLASH_EVENT,
  decodeFrame,
  encodeFrame,
  encodeReply,
  EVENT,
  type EventPayload,
  FormLimitError,
  type Frame,
  isJsonObject,
  LIVEVIEW_VERSION,
  parseEventPayload,
} from "@live-stash/wire";
import { LiveViewError } from "../errors.ts";
import { textBytes } from "./large-frames.ts";
import { statusOfError } from "../lifecycle/http-error.ts";
import type { Navigation } from "../lifecycle/navigation.ts";
import type { RefusedEvent } from "../lifecycle/event-handler.ts";
import type { EndReason } from "../lifecycle/socket.ts";
import { ViewInstance } from "../lifecycle/view-instance.ts";
import type { Tick } from "../lifecycle/view-socket.ts";
import type { Runtime } from "../runtime.ts";
import type { Admission } from "./join-admission.ts";
import {
  leaveResponse,
  type LeaveResponse,
  livePatchPayload,
  PageRoute,
  pageUrl,
} from "./page-navigation.ts";
import { Mailbox } from "./mailbox.ts";
import { diffTemplates } from "../diff/diff.ts";
import type { Template } from "../template/template.ts";

/** A frame of the client's, with the bytes it is counted with while it is handled. */
interface Received {
  readonly kind: "join" | "event" | "live_patch";
  readonly frame: Frame;
  readonly bytes: number;
}

/** The text of a frame, and the bytes that it takes once it is parsed. */
export interface FrameSource {
  readonly text: string;
  readonly isAscii: boolean;
  readonly bytes: number;
}

/** A frame that waits is kept as the text it was: parsed, it may be 32 times as large. */
interface Waiting {
  readonly kind: "waiting";
  readonly source: FrameSource;
  readonly received: "event" | "live_patch";
  readonly bytes: number;
}

type Message =
  | Received
  | Waiting
  /** An event that was too large to be read. */
  | { readonly kind: "refused"; readonly frame: Frame | undefined; readonly event: RefusedEvent }
  | { readonly kind: "task"; readonly run: () => Promise<unknown> }
  | { readonly kind: "info"; readonly message: unknown; readonly tick: Tick | undefined }
  /** Something was changed outside of any handler. */
  | { readonly kind: "flush" };

const isOwn = ({ kind }: Message): boolean =>
  kind === "info" || kind === "flush" || kind === "task";

/**
 * Longest URL of a page, in UTF-16 units, as in the usual limit of a request's head: a longer one
 * could not be loaded. The client loads it anew, and is told.
 */
export const MAX_URL_LENGTH = 16_384;

/** What the object of a waiting frame takes beside its text, in bytes. */
const WAITING_BYTES = 256;

/** The connection of a channel, as the channel sees it. */
export interface ChannelOwner {
  send(text: string): void;
  /** Whether the client has not read yet what it was sent. */
  readonly isBehind: boolean;
  /** Counts bytes of the client's frames; negative ones are let go. */
  holdFrame(bytes: number): void;
  /** Called once, when the channel has ended: `viewBytes` are let go. */
  viewEnded(viewBytes: number): void;
  /** Called once, when the channel has ended by itself. */
  forget(channel: ViewChannel): void;
}

export interface ViewChannelOptions {
  readonly runtime: Runtime;
  readonly frame: Frame;
  readonly admission: Admission;
  readonly connectParams: Readonly<Record<string, unknown>>;
  /** Whether the page was connected before. */
  readonly isReturn: boolean;
  readonly owner: ChannelOwner;
  /** The bytes that the view is counted with for as long as it lives. */
  readonly viewBytes: number;
}

/** Renders that may follow each other without a message, for changes that come while one is sent. */
const MAX_FLUSHES_IN_A_ROW = 20;

/**
 * One joined view: takes its frames one at a time, runs the view, and sends replies and diffs in
 * order. Whatever goes wrong in the view ends this channel and no other.
 */
export class ViewChannel {
  readonly topic: string;
  readonly joinRef: string | null;
  readonly #runtime: Runtime;
  readonly #owner: ChannelOwner;
  readonly #viewBytes: number;
  readonly #instance: ViewInstance;
  readonly #mailbox: Mailbox<Message>;
  readonly #isNavigation: boolean;
  #flushesInARow = 0;
  /** The join was answered. */
  #isJoined = false;
  /** The page was connected before: a reload would cost what its browser holds. */
  readonly #isReturn: boolean;
  readonly #viewName: string;
  readonly #route: PageRoute;
  readonly #page: ShownPage;
  /** A message is being handled, or a flush waits: what changes now is sent with it. */
  #isSending = false;
  /** A render was put off because the client is behind. */
  #isPutOff = false;

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
      isOwn,
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
    this.#page = new ShownPage(this.#instance);
  }

  /** Mounts the view and answers its join. `bytes`: what the parsed frame takes. */
  start(frame: Frame, bytes: number): void {
    this.#owner.holdFrame(bytes);
    this.#mailbox.post({ kind: "join", frame, bytes });
  }

  /** Handles a frame, or keeps its text until the view has time. `false` if the mailbox is full. */
  receive(kind: "event" | "live_patch", frame: Frame, source: FrameSource): boolean {
    if (this.#hasEnded) return true;
    const message: Received | Waiting = this.#mailbox.isIdle
      ? { kind, frame, bytes: source.bytes }
      : {
          kind: "waiting",
          source,
          received: kind,
          bytes: textBytes(source.text, source.isAscii) + WAITING_BYTES,
        };
    // Before it is handled, which may be now, and may end with letting the bytes go.
    this.#owner.holdFrame(message.bytes);
    if (this.#mailbox.post(message)) return true;
    this.#owner.holdFrame(-message.bytes);
    return false;
  }

  /** Tells the view of an event that was too large to be read, and answers it. `false`: no place. */
  refuse(frame: Frame | undefined, event: RefusedEvent): boolean {
    return this.#hasEnded || this.#mailbox.post({ kind: "refused", frame, event });
  }

  /** The client has read all that it was sent. */
  caughtUp(): void {
    if (this.#instance.socket.hasUnsent) this.#flushSoon();
  }

  /**
   * The client has left: for good, or because it gave up on a join that took too long, after which its
   * page joins again.
   */
  leave(): Promise<void> {
    return this.end(this.#isJoined ? "left" : "disconnected");
  }

  /** Ends the view from outside. Settles when its `terminate` has. */
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

  async #take(taken: Message): Promise<void> {
    this.#isSending = true;
    const message = taken.kind === "waiting" ? this.#unpack(taken) : taken;
    try {
      if (message.kind === "join") await this.#join(message.frame);
      else await this.#handle(message);
    } catch (cause) {
      this.#crashOnce(message, cause);
    }
    if ("bytes" in message) this.#owner.holdFrame(-message.bytes);
    this.#isSending = false;
    // Changed after the render. By a hook only once, or one that always does would loop; the same goes
    // for one that waits before it does, which cannot be told from somebody else.
    const { socket } = this.#instance;
    const isOnceMore = message.kind === "flush" && !this.#isPutOff;
    this.#flushesInARow = isOnceMore ? this.#flushesInARow + 1 : 0;
    const isDue = isOnceMore
      ? socket.hasUnsentOfView && this.#flushesInARow < MAX_FLUSHES_IN_A_ROW
      : socket.hasUnsent;
    if (isDue) this.#flushSoon();
  }

  /** Reads a frame that waited, and counts it as what it takes from now on. */
  #unpack({ source, received, bytes: waitingBytes }: Waiting): Received {
    const frame = decodeFrame(source.text);
    if (frame === undefined) throw new Error("a frame that was read before cannot be read again");
    this.#owner.holdFrame(source.bytes - waitingBytes);
    return { kind: received, frame, bytes: source.bytes };
  }

  #flushSoon(): void {
    if (this.#isSending || this.#hasEnded) return;
    // Of a client that is behind, the connection says when it has caught up; what would pile up is sent.
    if (this.#owner.isBehind && !this.#instance.socket.hasPushes) return;
    this.#isPutOff = false;
    this.#isSending = this.#mailbox.post({ kind: "flush" });
  }

  async #handle(message: Exclude<Message, { kind: "waiting" }>): Promise<void> {
    const instance = this.#instance;
    switch (message.kind) {
      case "join":
        return;
      case "info":
        if (message.tick !== undefined) message.tick.isWaiting = false;
        await instance.handleInfo(message.message);
        return await this.#answer(undefined);
      case "task":
        await message.run();
        return await this.#answer(undefined);
      case "flush":
        return await this.#answer(undefined);
      case "refused":
        await instance.handleTooLarge(message.event);
        return await this.#answer(message.frame);
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
    this.#isJoined = true;
  }

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
    // What nobody asked for can wait for a client that is behind: it is rendered once, when it has read.
    const isPutOff = frame === undefined && patched === undefined && this.#owner.isBehind;
    if (isPutOff) this.#isPutOff = true;
    const diff = await this.#page.nextDiff(isPutOff);
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

  #send(text: string): void {
    this.#owner.send(text);
  }

  #push(event: string, payload: object): void {
    this.#send(encodeFrame(this.joinRef, null, this.topic, event, payload));
  }

  #endItself(reason: EndReason): void {
    void this.end(reason);
    this.#owner.forget(this);
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

/** What the client shows now; the next render is compared with it. */
class ShownPage {
  readonly #instance: ViewInstance;
  #shown: Template | undefined;

  constructor(instance: ViewInstance) {
    this.#instance = instance;
  }

  /**
   * Renders if something changed, and waits for all that the answer must wait for.
   * `undefined` if there is nothing to send. `isPutOff`: the page is left for later, and only what
   * the view pushed besides is taken, which would pile up.
   */
  async nextDiff(isPutOff = false): Promise<object | undefined> {
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
}
