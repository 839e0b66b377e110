import type { NodeName } from "./peer-network.ts";

/** What messages are made of; `ByteReader` reads it. */
export const byteOf = (value: number): Buffer => Buffer.of(value);

export function uint32Of(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export const nodeNameOf = (name: NodeName): Buffer => Buffer.from(name, "base64url");

/** Text of at most 255 characters of ASCII. */
export function textOf(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([byteOf(bytes.length), bytes]);
}

/** A list, behind the number of its elements. */
export function listOf<Element>(
  elements: readonly Element[],
  write: (element: Element) => Buffer,
): Buffer {
  return Buffer.concat([uint32Of(elements.length), ...elements.map((element) => write(element))]);
}
