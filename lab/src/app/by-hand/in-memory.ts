import { connect, createServer, type Socket } from "node:net";
import { ExpiringMap } from "./expiring-map.ts";
import { type ByHandStore, lifeMs, newName } from "./stash-by-hand.ts";

/** The addresses of this node and of the other one. */
export interface TwoNodes {
  readonly host: string;
  readonly port: number;
  readonly otherPort: number;
}

/**
 * Creates a store in a map. A stash that is missing is requested from the other node, one line each
 * over a single TCP connection. Loading a stash deletes it: the next `save` stores it again.
 */
export function inMemory(ttlMs: number, { host, port, otherPort }: TwoNodes): ByHandStore {
  const stashes = new ExpiringMap(lifeMs(ttlMs));
  const take = (name: string): Uint8Array | undefined => {
    const bytes = stashes.get(name);
    stashes.delete(name);
    return bytes;
  };
  const server = createServer({ noDelay: true }, (socket) => {
    // The other node ends first, as at the end of each run.
    socket.on("error", () => {});
    readLines(socket, (name) => {
      socket.write(`${Buffer.from(take(name) ?? []).toString("base64")}\n`);
    });
  }).listen(port, host);
  let answers: ((bytes: Uint8Array) => void)[] = [];
  let other: Socket | undefined;
  const answerNothing = (): void => {
    const waiting = answers;
    answers = [];
    other = undefined;
    for (const answer of waiting) answer(new Uint8Array(0));
  };
  const ask = (name: string): Promise<Uint8Array> => {
    if (other === undefined) {
      other = connect(otherPort, host).setNoDelay(true);
      other.on("error", () => {}).on("close", answerNothing);
      readLines(other, (line) => answers.shift()?.(Buffer.from(line, "base64")));
    }
    other.write(`${name}\n`);
    return new Promise((resolve) => answers.push(resolve));
  };
  return {
    save(token, bytes) {
      const name = token ?? newName();
      stashes.set(name, bytes);
      return name;
    },
    async load(token) {
      const here = take(token);
      if (here !== undefined) return here;
      const there = await ask(token);
      return there.length > 0 ? there : undefined;
    },
    figures: () => stashes.figures(),
    async close() {
      stashes.close();
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
