import { startTimeLimit } from "live-stash/adapter";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";

/** The outcome of asking JetStream to store a message. */
export type PublishReply =
  /** More than half of the servers have stored the message. */
  | { readonly status: "stored"; readonly seq: number }
  /** Not stored: no server leads the stream at the moment. */
  | { readonly status: "no_leader" }
  /** Not stored: a limit of the stream or of the servers is reached. */
  | { readonly status: "full" }
  /** Not stored, for another reason. */
  | { readonly status: "refused"; readonly reason: string }
  /** Stored or not: no answer came in time, or the connection broke. */
  | { readonly status: "unknown" };

export interface PublishRequest {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
}

/** JetStream's error codes for insufficient resources, for insufficient storage, and for a stream's limit. */
const FULL_CODES = [10_023, 10_047, 10_077];

interface JetStreamAnswer {
  readonly seq?: number;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

/**
 * Publishes messages, and awaits acknowledgements where the caller wants them. All acknowledgements
 * arrive on one subscription with names as short as possible, because the reply subject of the
 * JetStream client would be a third of an update.
 */
export class Publisher {
  readonly #replySubject: string;
  readonly #pending = new Map<string, (reply: PublishReply) => void>();
  #connection: NatsConnection | undefined;
  #subscription: Subscription | undefined;
  #count = 0;

  constructor(replySubject: string) {
    this.#replySubject = replySubject;
  }

  /** Publishes over this connection from now on. */
  use(connection: NatsConnection): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    this.#subscription = connection.subscribe(`${this.#replySubject}.*`, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
      },
    });
  }

  /** Publishes without an acknowledgement. Returns the reason if the client could not send. */
  send(subject: string, payload: Uint8Array): PublishReply | undefined {
    if (this.#connection === undefined) return { status: "unknown" };
    return publishOn(this.#connection, subject, payload);
  }

  /** Publishes, and resolves once the servers have acknowledged or refused the message. */
  publish(request: PublishRequest): Promise<PublishReply> {
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve({ status: "unknown" });
    return new Promise((resolve) => {
      this.#count += 1;
      const token = this.#count.toString(36);
      const endLimit = startTimeLimit(request.timeoutMs, () => settle({ status: "unknown" }));
      const settle = (reply: PublishReply): void => {
        endLimit();
        this.#pending.delete(token);
        resolve(reply);
      };
      this.#pending.set(token, settle);
      const reply = `${this.#replySubject}.${token}`;
      const refusal = publishOn(connection, request.subject, request.payload, { reply });
      if (refusal !== undefined) settle(refusal);
    });
  }

  /** Settles all pending publishes as `unknown`: the connection that they went over broke. */
  abandonAll(): void {
    for (const settle of this.#pending.values()) settle({ status: "unknown" });
  }

  close(): void {
    this.abandonAll();
    this.#subscription?.unsubscribe();
    this.#connection = undefined;
  }

  #receive(message: Msg): void {
    const token = message.subject.slice(this.#replySubject.length + 1);
    this.#pending.get(token)?.(replyOf(message));
  }
}

function publishOn(
  connection: NatsConnection,
  subject: string,
  payload: Uint8Array,
  options?: { readonly reply: string },
): PublishReply | undefined {
  try {
    connection.publish(subject, payload, options);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "an error of the client";
    return { status: "refused", reason };
  }
}

function replyOf(message: Msg): PublishReply {
  if (message.data.length === 0 && message.headers?.code === 503) return { status: "no_leader" };
  let answer: JetStreamAnswer;
  try {
    answer = message.json<JetStreamAnswer>();
  } catch {
    return { status: "refused", reason: "an answer that is not JSON" };
  }
  const { seq, error } = answer;
  if (error === undefined) {
    if (seq !== undefined) return { status: "stored", seq };
    return { status: "refused", reason: "an answer without a sequence" };
  }
  const { err_code: code = 0, description = "an error without description" } = error;
  if (FULL_CODES.includes(code)) return { status: "full" };
  return { status: "refused", reason: description };
}
