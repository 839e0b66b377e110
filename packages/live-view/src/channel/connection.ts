import {
  CLOSE_CODE,
  decodeFrame,
  encodeFrame,
  encodeReply,
  EVENT,
  type Frame,
  HEARTBEAT_TOPIC,
  parseJoinPayload,
  VIEW_TOPIC_PREFIX,
} from "@live-stash/wire";
import type { EndReason } from "../lifecycle/socket.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import { quoteText } from "../message-text.ts";
import { closeNotice } from "./connection-notices.ts";
import { HEAD_LENGTH, MAX_FRAME_VALUES, readFrameHead, weighFrame } from "./large-frames.ts";
import { admitJoin } from "./join-admission.ts";
import {
  type ChannelOwner,
  type FrameSource,
  MAX_URL_LENGTH,
  ViewChannel,
} from "./view-channel.ts";

/** A client's socket as the channels see it. */
export interface Transport {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Whether the client has not read yet what it was sent. */
  readonly isBehind: boolean;
  /** Counts bytes that the client makes the server hold; negative ones are let go. */
  hold(bytes: number): void;
  /** Stops and resumes reading: what the client sends stays with it. */
  pause(): void;
  resume(): void;
}

const MINUTE_MS = 60_000;
/** Beyond so many characters a frame that is taken is worth a line in the log. */
const LARGE_FRAME_LENGTH = 2 * 1024 * 1024;
/** Bytes of a join that are not counted: what a page of ours sends without a state of its own. */
const UNCOUNTED_JOIN_BYTES = 8192;
/**
 * What each view of a socket but the first is counted with, in bytes: an idle view takes about as
 * much. The first is part of what `maxSockets` allows for.
 */
const FURTHER_VIEW_BYTES = 16_384;

/** One client: routes its frames to its views, and ends them with it. */
export class Connection implements ChannelOwner {
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #session: Session | undefined;
  readonly #origin: string;
  readonly #channels = new Map<string, ViewChannel>();
  #isClosed = false;
  #ended: Promise<unknown> | undefined;
  #joinsSinceMs = -Infinity;
  #joinCount = 0;
  /** Bytes of frames that wait or are being handled. */
  #frameBytes = 0;
  #isPaused = false;
  /** Bytes that views are counted with: parameters of joins, and views but the first. */
  #viewBytes = 0;

  /**
   * `session` is the one of the upgrade request, or `undefined` if that had none or failed its CSRF check;
   * `origin` the one that it was sent to.
   */
  constructor(
    runtime: Runtime,
    transport: Transport,
    session: Session | undefined,
    origin: string,
  ) {
    this.#runtime = runtime;
    this.#transport = transport;
    this.#session = session;
    this.#origin = origin;
  }

  get viewCount(): number {
    return this.#channels.size;
  }

  get isBehind(): boolean {
    return this.#transport.isBehind;
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** Takes a frame. `isAscii`: its text takes one byte a character. */
  receive(text: string, isAscii = false): void {
    if (this.#isClosed) return;
    const { bytes, values } = weighFrame(text, isAscii);
    if (values > MAX_FRAME_VALUES) return this.receiveTooLarge(text, text.length);
    const frame = decodeFrame(text);
    if (frame === undefined) return this.close(CLOSE_CODE.invalidFrame, "bad_frame");
    if (text.length > LARGE_FRAME_LENGTH) this.#noteLarge(text);
    if (frame.topic === HEARTBEAT_TOPIC) return this.#reply(frame, "ok", {});
    switch (frame.event) {
      case EVENT.join:
        return this.#join(frame, bytes);
      case EVENT.leave:
        return this.#leave(frame);
      case EVENT.event:
      case EVENT.livePatch:
        return this.#deliver(frame.event, frame, { text, isAscii, bytes });
      case EVENT.cidsWillDestroy:
        return this.#reply(frame, "ok", {});
      case EVENT.cidsDestroyed:
        return this.#reply(frame, "ok", { cids: [] });
      default:
        return this.#reply(frame, "error", { reason: "unknown_event" });
    }
  }

  /**
   * Answers a frame that is too large to be read, from its beginning: an event by its view, so that the
   * person sees it, a join with an error. `bytes`: its size. Where nobody could answer the socket is closed.
   */
  receiveTooLarge(beginning: string, bytes: number): void {
    if (this.#isClosed) return;
    const head = readFrameHead(beginning.slice(0, HEAD_LENGTH));
    const maxBytes = this.#runtime.limits.maxFrameBytes;
    if (head?.frame.event === EVENT.join) {
      if (!this.#countJoin()) return this.close(CLOSE_CODE.policyViolation, "too_many_joins");
      this.#noteTooLarge("a join was refused with frame_too_large", bytes);
      return this.#reply(head.frame, "error", { reason: "frame_too_large" });
    }
    const channel = head === undefined ? undefined : this.#current(head.frame);
    const event = { event: head?.eventName, bytes, maxBytes };
    if (head?.frame.event !== EVENT.event || channel?.refuse(head.frame, event) !== true) {
      return this.close(CLOSE_CODE.messageTooBig, "frame_too_large");
    }
    const name = head.eventName === undefined ? "" : ` ${quoteText(head.eventName)}`;
    this.#noteTooLarge(`the event${name} was answered as too large, and not handled`, bytes);
  }

  /**
   * The socket was closed for a frame that is too large to be answered: the pages learn of it when they
   * come back.
   */
  closedForFrame(): void {
    for (const topic of this.#channels.keys()) {
      if (this.#session !== undefined) this.#runtime.cutFrames.note(this.#session.id, topic);
    }
  }

  /** The client has read all that it was sent. */
  caughtUp(): void {
    for (const channel of this.#channels.values()) channel.caughtUp();
  }

  send(text: string): void {
    this.#transport.send(text);
  }

  /**
   * Counts bytes of frames. Beyond the limit nothing more is read of the client until the views have
   * caught up: what it sends waits where it is.
   */
  holdFrame(bytes: number): void {
    this.#frameBytes += bytes;
    this.#transport.hold(bytes);
    const isFull = this.#frameBytes > this.#runtime.limits.maxQueuedBytes;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#transport.pause();
    else this.#transport.resume();
  }

  viewEnded(viewBytes: number): void {
    this.#viewBytes -= viewBytes;
    if (viewBytes > 0) this.#transport.hold(-viewBytes);
  }

  forget(channel: ViewChannel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  /** Reports that the socket is closed, if that is for the log. */
  noteClosed(code: number, reason: string): void {
    const notice = closeNotice(code, reason, this.#runtime.limits);
    if (notice !== undefined) this.#runtime.notices.note(notice);
  }

  /** Closes the socket and ends its views. */
  close(code: number, reason: string, endReason: EndReason = "disconnected"): void {
    if (this.#isClosed) return;
    this.noteClosed(code, reason);
    void this.endAll(endReason);
    this.#transport.close(code, reason);
  }

  /**
   * Ends all views, such as when the socket is gone. Settles when their `terminate` has, also that of
   * views which an earlier call has ended.
   */
  endAll(reason: EndReason): Promise<unknown> {
    this.#isClosed = true;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    this.#ended = Promise.all([this.#ended, ...channels.map((channel) => channel.end(reason))]);
    return this.#ended;
  }

  #join(frame: Frame, bytes: number): void {
    if (!this.#countJoin()) return this.close(CLOSE_CODE.policyViolation, "too_many_joins");
    const previous = this.#channels.get(frame.topic);
    if (previous !== undefined) this.#replace(previous);
    if (!frame.topic.startsWith(VIEW_TOPIC_PREFIX)) {
      return this.#reply(frame, "error", { reason: "unmatched topic" });
    }
    if (this.#channels.size >= this.#runtime.limits.maxViewsPerSocket) {
      return this.#reply(frame, "error", { reason: "too_many_views" });
    }
    const payload = parseJoinPayload(frame.payload);
    const urlLength = (payload?.url ?? payload?.redirect ?? "").length;
    if (payload === undefined || urlLength > MAX_URL_LENGTH)
      return this.#reply(frame, "error", { reason: "bad_join" });
    const admitted = admitJoin(this.#runtime, frame.topic, payload, this.#session, this.#origin);
    if (!admitted.ok) {
      // A page that was connected before must not be loaded anew for it: it would lose what it holds.
      if (admitted.isCrashLoop && payload.mounts > 0) return this.#sendError(frame);
      return this.#reply(frame, "error", admitted.response);
    }

    const viewBytes = this.#viewBytesOf(bytes);
    if (viewBytes > 0 && this.#viewBytes + viewBytes > this.#runtime.limits.maxJoinBytes) {
      this.#noteTooManyJoinBytes(this.#viewBytes + viewBytes);
      return this.#reply(frame, "error", { reason: "too_many_join_bytes" });
    }
    this.#viewBytes += viewBytes;
    if (viewBytes > 0) this.#transport.hold(viewBytes);

    const channel = new ViewChannel({
      runtime: this.#runtime,
      frame,
      admission: admitted.admission,
      connectParams: payload.params,
      isReturn: payload.mounts > 0,
      owner: this,
      viewBytes,
    });
    this.#channels.set(frame.topic, channel);
    channel.start(frame, bytes);
    const cut = this.#runtime.cutFrames.take(admitted.admission.session.id, frame.topic);
    if (cut !== undefined) channel.refuse(undefined, cut);
  }

  #viewBytesOf(joinBytes: number): number {
    const further = this.#channels.size > 0 ? FURTHER_VIEW_BYTES : 0;
    return further + Math.max(0, joinBytes - UNCOUNTED_JOIN_BYTES);
  }

  #leave(frame: Frame): void {
    const channel = this.#current(frame);
    this.#reply(frame, "ok", {});
    if (channel === undefined) return;
    this.#channels.delete(frame.topic);
    void channel.leave();
    this.#sendClose(channel);
  }

  #deliver(kind: "event" | "live_patch", frame: Frame, source: FrameSource): void {
    const channel = this.#current(frame);
    if (channel === undefined) {
      // Late pushes of a view that was replaced get no answer: its successor must not see one.
      if (this.#channels.has(frame.topic)) return;
      return this.#reply(frame, "error", { reason: "unmatched topic" });
    }
    if (!channel.receive(kind, frame, source))
      this.close(CLOSE_CODE.policyViolation, "mailbox_full");
  }

  /** The channel that a frame is for: its topic's, if the frame belongs to the current join. */
  #current(frame: Frame): ViewChannel | undefined {
    const channel = this.#channels.get(frame.topic);
    return channel?.joinRef === frame.joinRef ? channel : undefined;
  }

  #replace(previous: ViewChannel): void {
    this.#channels.delete(previous.topic);
    void previous.end("replaced");
    this.#sendClose(previous);
  }

  #sendClose(channel: ViewChannel): void {
    const { joinRef, topic } = channel;
    this.#transport.send(encodeFrame(joinRef, joinRef, topic, EVENT.close, {}));
  }

  #sendError({ joinRef, topic }: Frame): void {
    const reason = { reason: "crash_loop" };
    this.#transport.send(encodeFrame(joinRef, joinRef, topic, EVENT.error, reason));
  }

  #countJoin(): boolean {
    const nowMs = this.#runtime.monotonicNow();
    if (nowMs - this.#joinsSinceMs >= MINUTE_MS) {
      this.#joinsSinceMs = nowMs;
      this.#joinCount = 0;
    }
    this.#joinCount += 1;
    return this.#joinCount <= this.#runtime.limits.maxJoinsPerMinute;
  }

  #noteLarge(text: string): void {
    const name = readFrameHead(text.slice(0, HEAD_LENGTH))?.eventName;
    this.#runtime.notices.note({
      kind: "frame",
      reason: "large_frame",
      message: `a large frame was taken${name === undefined ? "" : `, of the event ${quoteText(name)}`}`,
      expected: `at most ${LARGE_FRAME_LENGTH} characters as a rule`,
      found: `${text.length}`,
      advice: "A form sends all of its fields at each change: add phx-debounce, or send less.",
    });
  }

  #noteTooLarge(message: string, bytes: number): void {
    const { maxFrameBytes } = this.#runtime.limits;
    const isLarge = bytes > maxFrameBytes;
    this.#runtime.notices.note({
      kind: "frame",
      reason: "frame_too_large",
      message,
      expected: isLarge
        ? `a frame of at most ${maxFrameBytes} bytes`
        : `at most ${MAX_FRAME_VALUES} JSON values`,
      found: isLarge ? `${bytes}` : "more",
      advice: isLarge ? "Send less, or raise limits.maxFrameBytes." : "Send less at a time.",
    });
  }

  #noteTooManyJoinBytes(found: number): void {
    this.#runtime.notices.note({
      kind: "refused",
      reason: "too_many_join_bytes",
      message: "a join was refused with too_many_join_bytes",
      expected: `views of one socket to hold at most ${this.#runtime.limits.maxJoinBytes} bytes of joins`,
      found: `${found}`,
      advice:
        "Hand the client's `params` less, hold smaller states in browsers, or raise limits.maxJoinBytes.",
    });
  }

  #reply(frame: Frame, status: "ok" | "error", response: object): void {
    this.#transport.send(encodeReply(frame, status, response));
  }
}
