import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { LoadedPage } from "../raw-client.ts";

/** Encodes a client's frame. Its mask of zeros leaves the content as it is. */
export function maskedFrame(
  content: string | Buffer,
  {
    opcode = 1,
    isFinal = true,
    declared,
  }: { opcode?: number; isFinal?: boolean; declared?: number } = {},
): Buffer {
  const bytes = Buffer.from(content as string);
  const head = Buffer.alloc(14);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeUInt32BE(declared ?? bytes.length, 6);
  return Buffer.concat([head, bytes]);
}

/** Opens a WebSocket that reads nothing after the upgrade. */
export async function openDeaf(
  url: string,
  page?: Pick<LoadedPage, "cookie" | "csrfToken">,
): Promise<{ socket: Socket; isClosed: () => boolean; send: (bytes: Buffer) => Promise<void> }> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let isClosed = false;
  socket.on("close", () => (isClosed = true));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    `GET /live/websocket?vsn=2.0.0&_csrf_token=${encodeURIComponent(page?.csrfToken ?? "")} HTTP/1.1\r\n` +
      `Host: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
      `Cookie: ${page?.cookie ?? ""}\r\n\r\n`,
  );
  await Promise.race([once(socket, "data"), once(socket, "close")]);
  socket.pause();
  return {
    socket,
    isClosed: () => isClosed,
    /** Resolves when the system has accepted the bytes, the server has stopped reading, or the socket is closed. */
    async send(bytes) {
      if (isClosed) return;
      if (socket.write(bytes)) return;
      const drained = once(socket, "drain").catch(() => undefined);
      let last = -1;
      // The server has stopped reading if the client's buffer does not shrink.
      for (;;) {
        const turn = new Promise((resolve) => setTimeout(resolve, 200));
        if ((await Promise.race([drained.then(() => true), turn])) === true || isClosed) return;
        if (socket.writableLength === last) return;
        last = socket.writableLength;
      }
    },
  };
}
