import { Socket } from "node:net";

type Write = (this: Socket, ...input: unknown[]) => unknown;

/** The methods with which a stream writes to the system: each call is one write. */
interface WritingSocket {
  _write: Write;
  _writev: Write;
}

/** Counts the writes to this process's TCP sockets until `work` has settled. */
export async function countWrites(work: () => Promise<unknown>): Promise<number> {
  const prototype = Socket.prototype as unknown as WritingSocket;
  const { _write, _writev } = prototype;
  let writes = 0;
  prototype._write = function count(...input) {
    writes += 1;
    return _write.apply(this, input);
  };
  prototype._writev = function count(...input) {
    writes += 1;
    return _writev.apply(this, input);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, { _write, _writev });
  }
  return writes;
}
