import { constants } from "node:crypto";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import {
  connect,
  createSecureContext,
  type TlsOptions,
  TLSSocket,
  type TLSSocketOptions,
} from "node:tls";
import { deriveKeys, type PurposeKey } from "../../crypto/keys.ts";
import type { Secrets } from "../../crypto/secrets.ts";
import { invalidOption } from "../../option-checks.ts";

/** Names a pre-shared key: 16 characters of base64url, derived from the key, which they do not reveal. */
export type KeyIdentity = string;

export const KEY_IDENTITY_BYTES = 16;

/** Bytes of a hash that make `KEY_IDENTITY_BYTES` characters: so many that no two keys share them. */
const IDENTITY_HASH_BYTES = 12;
/** Finds a peer whose host has lost power while no request is under way. */
const KEEP_ALIVE_MS = 30_000;

/** `TLSSocket` also takes this option of a server, which its types leave out. */
type ServerSocketOptions = TLSSocketOptions & Pick<TlsOptions, "pskCallback">;

/**
 * Encrypts and authenticates connections between the nodes of an application: TLS 1.3 with a pre-shared
 * key that is derived from the application's secret. The traffic keys also depend on an ephemeral key
 * exchange (`psk_dhe_ke`, the only mode that OpenSSL uses unless told otherwise), so whoever records
 * traffic cannot read it with a secret that leaks later.
 *
 * Neither side has a certificate, and neither accepts one: a handshake without the key fails.
 */
export class SecureChannels {
  readonly #newest: PreSharedKey;
  readonly #keys: ReadonlyMap<KeyIdentity, Buffer>;
  readonly #secureContext = createSecureContext({
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    // Pre-shared keys need a suite with SHA-256 in OpenSSL. Of those, this one has no limit on the bytes
    // that a key may encrypt (RFC 8446, 5.5): a connection between nodes may last for months.
    ciphers: "TLS_CHACHA20_POLY1305_SHA256",
    // No certificate authority is trusted, not even those of the system.
    ca: [],
    // A ticket would admit its holder even after the secret has been replaced.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });

  constructor(secrets: Secrets) {
    const keys = deriveKeys(secrets, "tls: memory peers");
    this.#newest = preSharedKey(keys[0]);
    this.#keys = new Map(keys.map(preSharedKey).map(({ identity, psk }) => [identity, psk]));
  }

  /** The identity of the newest secret, with which this node asks. */
  get newest(): KeyIdentity {
    return this.#newest.identity;
  }

  /** Returns whether one of the secrets has this identity. */
  accepts(identity: KeyIdentity): boolean {
    return this.#keys.has(identity);
  }

  /** Starts a handshake as the node that asks, with the newest secret; `head` are bytes already read. */
  connect(socket: Duplex, head: Buffer): TLSSocket {
    const channel = connect({
      socket: prepareSocket(socket, head),
      secureContext: this.#secureContext,
      pskCallback: () => this.#newest,
      rejectUnauthorized: true,
      // Called only if the server did not use the key.
      checkServerIdentity: () => new Error("Expected a peer with the secret, found a certificate."),
    });
    return prepareChannel(channel);
  }

  /** Expects a handshake from a node with any of the secrets; `head` are bytes already read. */
  accept(socket: Duplex, head: Buffer): TLSSocket {
    const options: ServerSocketOptions = {
      isServer: true,
      secureContext: this.#secureContext,
      pskCallback: (_, identity) => this.#keys.get(identity) ?? null,
    };
    return prepareChannel(new TLSSocket(prepareSocket(socket, head), options));
  }
}

interface PreSharedKey {
  readonly identity: KeyIdentity;
  readonly psk: Buffer;
}

const preSharedKey = ({ mac }: PurposeKey): PreSharedKey => ({
  identity: mac(Buffer.from("identity")).toString("base64url", 0, IDENTITY_HASH_BYTES),
  psk: mac(Buffer.from("pre-shared key")),
});

/**
 * Throws a `StashError` with `invalid_option` if the runtime's `node:tls` does not know pre-shared keys,
 * as in Bun and Deno: it ignores the option `pskCallback` then, whatever its value.
 */
export function requirePreSharedKeys(caller: string, tlsSocket = TLSSocket): void {
  const options: ServerSocketOptions = {
    isServer: true,
    secureContext: createSecureContext({ ca: [] }),
    pskCallback: "not a function" as never,
  };
  try {
    const stream = new Duplex({ read() {}, write: (_, __, done) => done() });
    new tlsSocket(stream, options).on("error", () => {}).destroy();
  } catch {
    return;
  }
  throw invalidOption({
    caller,
    option: "runtime",
    expected: "one whose node:tls supports pre-shared keys (`pskCallback`), such as Node.js",
    found: "one that ignores them",
    advice: "Connect the nodes with peersOverNats() of @live-stash/nats instead.",
  });
}

/** Resolves with the first bytes that a peer sends, or `undefined` if the channel closes before. */
export function readFirst(channel: Duplex, byteLength: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const read = (): void => {
      const bytes = channel.read(byteLength) as Buffer | null;
      if (bytes === null) return;
      channel.off("readable", read);
      resolve(bytes.length === byteLength ? bytes : undefined);
    };
    channel.on("readable", read);
    channel.once("close", () => resolve(undefined));
  });
}

function prepareSocket(stream: Duplex, head: Buffer): Duplex {
  stream.on("error", () => {});
  if (head.length > 0) stream.unshift(head);
  if (stream instanceof Socket) {
    stream.setTimeout(0);
    stream.setNoDelay(true);
    stream.setKeepAlive(true, KEEP_ALIVE_MS);
  }
  return stream;
}

/** Makes "close" the one event that reports the end of a channel, whatever the reason. */
function prepareChannel(channel: TLSSocket): TLSSocket {
  // An altered record is an error, after which Node.js leaves the socket open. A socket of `new TLSSocket()`
  // emits it only under the name that `tls.Server` listens to.
  for (const event of ["error", "_tlsError", "end"]) channel.on(event, () => channel.destroy());
  return channel;
}
