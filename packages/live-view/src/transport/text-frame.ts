const FINAL_TEXT = 0x81;
const MAX_LENGTH_IN_HEAD = 125;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;

/**
 * A server's text message as one WebSocket frame (RFC 6455, 5.2), in one buffer. `ws` would hand the
 * head and the text to the socket one after the other, to be put together again on the way to the
 * system.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length <= MAX_LENGTH_IN_HEAD) return frame(text, length, 2, length);
  if (length <= 0xffff) {
    const short = frame(text, length, 4, LENGTH_IN_2_BYTES);
    short.writeUInt16BE(length, 2);
    return short;
  }
  const long = frame(text, length, 10, LENGTH_IN_8_BYTES);
  long.writeUIntBE(0, 2, 2);
  long.writeUIntBE(length, 4, 6);
  return long;
}

function frame(text: string, length: number, headBytes: number, lengthCode: number): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + length);
  bytes[0] = FINAL_TEXT;
  bytes[1] = lengthCode;
  bytes.write(text, headBytes);
  return bytes;
}
