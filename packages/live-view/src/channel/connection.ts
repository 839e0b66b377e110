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
import { quoteText } from "../message-text.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import {
  closedNotice,
  LARGE_FRAME_LENGTH,
  largeFrameNotice,
  tooLargeNotice,
  tooManyJoinBytesNotice,
} from "./connection-notices.ts";
import { admitJoin } from "./join-admission.ts";
import { HEAD_LENGTH, MAX_FRAME_VALUES, readFrameHead, weighFrame } from "./large-frames.ts";
import { MAX_URL_LENGTH } from "./page-navigation.ts";
import { type ChannelOwner, ViewChannel } from "./view-channel.ts";
import type { FrameSource } from "./view-message.ts";

/** A client's socket, as far as its connection needs it. */
export interface Transport {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Whether the client has unread frames. */
  readonly isBehind: boolean;
  /** Counts the memory that the client uses on the server, in bytes; a negative number releases bytes. */
  hold(bytes: number): void;
  /** Stops reading, so that further frames wait at the client. */
  pause(): void;
  resume(): void;
}

const MINUTE_MS = 60_000;
/** Memory of a join that is not counted, in bytes: the join of a page without a state takes less. */
const UNCOUNTED_JOIN_BYTES = 8192;
/**
 * Memory counted for each further view of a socket, in bytes: about that of an idle view. The first view
 * is not counted, because `maxSockets` includes one for each socket.
 */
const FURTHER_VIEW_BYTES = 16_384;

/**
 * One client's connection: passes its frames to its views, and ends the views when it is closed.
 *
 * The path of an event: `receive` weighs and parses the frame, `#deliver` passes it to the view's channel,
 * and there it waits in a mailbox. The channel runs the view, compares the render with the one before,
 * and sends the reply through this connection (`view-channel.ts`, from top to bottom).
 *
 * The path of a join: `#join` checks the limits, `admitJoin` checks tokens, session and route, and a new
 * channel mounts the view and replies with its first render (`ViewChannel.start`).
 */
export class Connection implements ChannelOwner {
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #session: Session | undefined;
  readonly #origin: string;
  readonly #channels = new Map<string, ViewChannel>();
  #isClosed = false;
  #ended: Promise<unknown> | undefined;
  /** When the current minute of joins began. */
  #joinsSinceMs = -Infinity;
  #joinCount = 0;
  /** Memory of frames that wait or are being handled. */
  #frameBytes = 0;
  #isPaused = false;
  /** Memory counted for views: parameters of joins, and all views but the first. */
  #viewBytes = 0;

  /**
   * `session` is that of the upgrade request, or `undefined` if the request had none or failed the CSRF
   * check. `origin` is the one that the request was sent to.
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

  /** Handles a frame. `isAscii`: its text takes one byte a character. */
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

  #deliver(kind: "event" | "live_patch", frame: Frame, source: FrameSource): void {
    const channel = this.#current(frame);
    if (channel === undefined) {
      // A late event of a replaced view gets no answer, because its successor would receive the answer.
      if (this.#channels.has(frame.topic)) return;
      return this.#reply(frame, "error", { reason: "unmatched topic" });
    }
    if (!channel.receive(kind, frame, source))
      this.close(CLOSE_CODE.policyViolation, "mailbox_full");
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
      // A page that was connected before must not be reloaded, which would lose the state that it holds.
      if (admitted.isCrashLoop && payload.mounts > 0) return this.#sendCrashLoop(frame);
      return this.#reply(frame, "error", admitted.response);
    }

    const viewBytes = this.#viewBytesOf(bytes);
    const { maxJoinBytes } = this.#runtime.limits;
    if (viewBytes > 0 && this.#viewBytes + viewBytes > maxJoinBytes) {
      const notice = tooManyJoinBytesNotice(this.#viewBytes + viewBytes, maxJoinBytes);
      this.#runtime.notices.note(notice);
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
    const rejected = this.#runtime.rejectedFrames.take(admitted.admission.session.id, frame.topic);
    if (rejected !== undefined) channel.refuse(undefined, rejected);
  }

  /** Returns the memory to count for a view, in bytes. */
  #viewBytesOf(joinBytes: number): number {
    const further = this.#channels.size > 0 ? FURTHER_VIEW_BYTES : 0;
    return further + Math.max(0, joinBytes - UNCOUNTED_JOIN_BYTES);
  }

  /** Counts a join. `false` if there were too many within a minute. */
  #countJoin(): boolean {
    const nowMs = this.#runtime.monotonicNow();
    if (nowMs - this.#joinsSinceMs >= MINUTE_MS) {
      this.#joinsSinceMs = nowMs;
      this.#joinCount = 0;
    }
    this.#joinCount += 1;
    return this.#joinCount <= this.#runtime.limits.maxJoinsPerMinute;
  }

  #leave(frame: Frame): void {
    const channel = this.#current(frame);
    this.#reply(frame, "ok", {});
    if (channel === undefined) return;
    this.#channels.delete(frame.topic);
    void channel.leave();
    this.#sendClose(channel);
  }

  /** Finds the channel of a frame's topic, if the frame belongs to the current join. */
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

  /** Makes the client join again later, and keep the page as it is meanwhile. */
  #sendCrashLoop({ joinRef, topic }: Frame): void {
    const reason = { reason: "crash_loop" };
    this.#transport.send(encodeFrame(joinRef, joinRef, topic, EVENT.error, reason));
  }

  /**
   * Answers a frame that is too large to be parsed, of which only the beginning is read. The view of an
   * event answers, so that the user is notified; a join is answered with an error. For any other frame
   * the socket is closed. `bytes`: the size of the frame.
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

  /** Remembers the pages of a socket that was closed for a too large frame: they are notified when they join. */
  noteRejectedFrame(): void {
    for (const topic of this.#channels.keys()) {
      if (this.#session !== undefined) this.#runtime.rejectedFrames.note(this.#session.id, topic);
    }
  }

  send(text: string): void {
    this.#transport.send(text);
  }

  /**
   * Counts the memory of frames, in bytes. Beyond the limit the server stops reading until the views have
   * caught up, so that further frames wait at the client.
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

  /** Called when the client has read everything: views send what they put off. */
  caughtUp(): void {
    for (const channel of this.#channels.values()) channel.caughtUp();
  }

  viewEnded(viewBytes: number): void {
    this.#viewBytes -= viewBytes;
    if (viewBytes > 0) this.#transport.hold(-viewBytes);
  }

  forget(channel: ViewChannel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  /** Closes the socket and ends its views. */
  close(code: number, reason: string, endReason: EndReason = "disconnected"): void {
    if (this.#isClosed) return;
    this.noteClosed(code, reason);
    void this.endAll(endReason);
    this.#transport.close(code, reason);
  }

  /** Reports that the socket is closed, if the reason is worth a notice. */
  noteClosed(code: number, reason: string): void {
    const notice = closedNotice(code, reason, this.#runtime.limits);
    if (notice !== undefined) this.#runtime.notices.note(notice);
  }

  /**
   * Ends all views, for example because the socket is closed. Settles when their `terminate` has, and that
   * of views which an earlier call ended.
   */
  endAll(reason: EndReason): Promise<unknown> {
    this.#isClosed = true;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    this.#ended = Promise.all([this.#ended, ...channels.map((channel) => channel.end(reason))]);
    return this.#ended;
  }

  #noteLarge(text: string): void {
    const name = readFrameHead(text.slice(0, HEAD_LENGTH))?.eventName;
    this.#runtime.notices.note(largeFrameNotice(text.length, name));
  }

  #noteTooLarge(message: string, bytes: number): void {
    const { limits, notices } = this.#runtime;
    notices.note(tooLargeNotice(message, bytes, limits.maxFrameBytes));
  }

  #reply(frame: Frame, status: "ok" | "error", response: object): void {
    this.#transport.send(encodeReply(frame, status, response));
  }
}
