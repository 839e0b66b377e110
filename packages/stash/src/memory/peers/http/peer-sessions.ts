import { randomBytes } from "../../../random-bytes.ts";
import type { NodeName } from "../peer-network.ts";
import { type SessionId, SESSION_BYTES } from "./peer-envelope.ts";
import { ReplayWindow } from "./replay-window.ts";
import { newSessionKey, type SessionKey } from "./session-key.ts";

/** How many askers are remembered; one that was forgotten says hello again. */
const MAX_SESSIONS = 256;

export interface PeerSession {
  readonly asker: NodeName;
  readonly key: SessionKey;
  readonly window: ReplayWindow;
}

/** Who has said hello, the one that was heard of least recently first. */
export class PeerSessions {
  readonly #sessions = new Map<SessionId, PeerSession>();

  begin(asker: NodeName): { readonly session: SessionId; readonly key: SessionKey } {
    const session = randomBytes(SESSION_BYTES).toString("base64url");
    const key = newSessionKey();
    this.#sessions.set(session, { asker, key, window: new ReplayWindow() });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= MAX_SESSIONS) break;
      this.#sessions.delete(oldest);
    }
    return { session, key };
  }

  has(session: SessionId): boolean {
    return this.#sessions.has(session);
  }

  get(session: SessionId): PeerSession | undefined {
    return this.#sessions.get(session);
  }

  /** An authentic message of the session came. */
  touch(session: SessionId, known: PeerSession): void {
    this.#sessions.delete(session);
    this.#sessions.set(session, known);
  }
}
