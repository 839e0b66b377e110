import { connect, createServer, type Socket } from "node:net";
import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

interface Kept {
  readonly bytes: Uint8Array;
  readonly untilMs: number;
}

/** A map; what is not in it is asked for over one TCP connection to the other node, a line for each. */
export function inMemory(
  ttlMs: number,
  host: string,
  port: number,
  otherPort: number,
): ByHandStore {
  const stashes = new Map<string, Kept>();
  const take = (name: string): Uint8Array | undefined => {
    const kept = stashes.get(name);
    stashes.delete(name);
    return kept === undefined || kept.untilMs < Date.now() ? undefined : kept.bytes;
  };
  const sweeping = setInterval(() => {
    for (const [name, { untilMs }] of stashes) if (untilMs < Date.now()) stashes.delete(name);
  }, ttlMs);
  const server = createServer((socket) => {
    readLines(socket, (name) => {
      socket.write(`${Buffer.from(take(name) ?? []).toString("base64")}\n`);
    });
  }).listen(port, host);
  const answers: ((bytes: Uint8Array) => void)[] = [];
  let other: Socket | undefined;
  const ask = (name: string): Promise<Uint8Array> => {
    if (other === undefined) {
      other = connect(otherPort, host).setNoDelay(true);
      readLines(other, (line) => answers.shift()?.(Buffer.from(line, "base64")));
    }
    other.write(`${name}\n`);
    return new Promise((resolve) => answers.push(resolve));
  };
  return {
    save(held, bytes) {
      const name = held ?? newName();
      stashes.set(name, { bytes, untilMs: Date.now() + lifeMs(ttlMs) });
      return name;
    },
    async load(held) {
      const here = take(held);
      if (here !== undefined) return here;
      const there = await ask(held);
      return there.length > 0 ? there : undefined;
    },
    async close() {
      clearInterval(sweeping);
      other?.destroy();
      server.close();
    },
  };
}

function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}
