import { MAX_PEER_MESSAGE_BYTES } from "../peer-network.ts";
import { SESSION_SEAL_BYTES } from "./session-key.ts";

/**
 * A connection between peers begins as a request of HTTP that asks for this protocol and brings a
 * hello; the answer to that comes with the status 101. From then on both sides send frames, as
 * `frames.ts` has them.
 *
 * The asker sends `sealed(request)`; requests are numbered from 1 on by their order, and the first is
 * empty. It is answered `number (4 bytes) · sealed(answer)`, in any order. To an empty request the
 * answer is empty; an empty answer is none.
 */
export const PEER_PROTOCOL = "live-stash-peers";
/** The header with a hello, or the answer to it, in base64url. */
export const HELLO_HEADER = "live-stash-hello";

/** The number of the request that is answered stands before the answer. */
export const NUMBER_BYTES = 4;
/** The longest body of a frame: a number, a message, and what sealing adds. */
export const MAX_FRAME_BYTES = NUMBER_BYTES + MAX_PEER_MESSAGE_BYTES + SESSION_SEAL_BYTES;
/** The body of a first frame, which shows that its sender could read the key. */
export const PROOF_BYTES = SESSION_SEAL_BYTES;

export const NOTHING = Buffer.alloc(0);
