import {
  CLOSE_CODE,
  decodeFrame,
  encodeFrame,
  encodeReply,
  EVENT,
  HEARTBEAT_TOPIC,
  parseJoinPayload,
  VIEW_TOPIC_PREFIX,
  type Frame,
} from "@live-stash/wire";
import type { EndReason } from "../lifecycle/socket.ts";
import type { Runtime } from "../runtime.ts";
import type { Session } from "../session/session-source.ts";
import { admitJoin } from "./join-admission.ts";
import { ViewChannel } from "./view-channel.ts";

/** A client's socket as the channels see it. Text out, a close with a code, nothing else. */
export interface Transport {
  send(text: string): void;
  close(code: number, reason: string): void;
}

const MINUTE_MS = 60_000;

/** One client: routes its frames to its views, and ends them with it. */
export class Connection {
  readonly #runtime: Runtime;
  readonly #transport: Transport;
  readonly #session: Session | undefined;
  readonly #channels = new Map<string, ViewChannel>();
  #isClosed = false;
  #ended: Promise<unknown> | undefined;
  #joinsSinceMs = -Infinity;
  #joinCount = 0;

  /** `session` is the one of the upgrade request, or `undefined` if that had none or failed its CSRF check. */
  constructor(runtime: Runtime, transport: Transport, session: Session | undefined) {
    this.#runtime = runtime;
    this.#transport = transport;
    this.#session = session;
  }

  get viewCount(): number {
    return this.#channels.size;
  }

  receive(text: string): void {
    if (this.#isClosed) return;
    const frame = decodeFrame(text);
    if (frame === undefined) return this.close(CLOSE_CODE.invalidFrame, "bad_frame");
    if (frame.topic === HEARTBEAT_TOPIC) return this.#reply(frame, "ok", {});
    switch (frame.event) {
      case EVENT.join:
        return this.#join(frame);
      case EVENT.leave:
        return this.#leave(frame);
      case EVENT.event:
      case EVENT.livePatch:
        return this.#deliver(frame.event, frame);
      case EVENT.cidsWillDestroy:
        return this.#reply(frame, "ok", {});
      case EVENT.cidsDestroyed:
        return this.#reply(frame, "ok", { cids: [] });
      default:
        return this.#reply(frame, "error", { reason: "unknown_event" });
    }
  }

  /** Closes the socket and ends its views. */
  close(code: number, reason: string, endReason: EndReason = "disconnected"): void {
    if (this.#isClosed) return;
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

  #join(frame: Frame): void {
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
    if (payload === undefined) return this.#reply(frame, "error", { reason: "bad_join" });
    const admitted = admitJoin(this.#runtime, frame.topic, payload, this.#session);
    if (!admitted.ok) {
      // A page that was connected before must not be loaded anew for it: it would lose what it holds.
      if (admitted.isCrashLoop && payload.mounts > 0) return this.#sendError(frame);
      return this.#reply(frame, "error", admitted.response);
    }

    const channel: ViewChannel = new ViewChannel({
      runtime: this.#runtime,
      frame,
      admission: admitted.admission,
      connectParams: payload.params,
      isReturn: payload.mounts > 0,
      send: (text) => this.#transport.send(text),
      onEnd: () => {
        if (this.#channels.get(frame.topic) === channel) this.#channels.delete(frame.topic);
      },
    });
    this.#channels.set(frame.topic, channel);
    channel.start(frame);
  }

  #leave(frame: Frame): void {
    const channel = this.#current(frame);
    this.#reply(frame, "ok", {});
    if (channel === undefined) return;
    this.#channels.delete(frame.topic);
    void channel.end("left");
    this.#sendClose(channel);
  }

  #deliver(kind: "event" | "live_patch", frame: Frame): void {
    const channel = this.#current(frame);
    if (channel === undefined) {
      // Late pushes of a view that was replaced get no answer: its successor must not see one.
      if (this.#channels.has(frame.topic)) return;
      return this.#reply(frame, "error", { reason: "unmatched topic" });
    }
    if (!channel.receive(kind, frame)) this.close(CLOSE_CODE.policyViolation, "mailbox_full");
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

  #reply(frame: Frame, status: "ok" | "error", response: object): void {
    this.#transport.send(encodeReply(frame, status, response));
  }
}
