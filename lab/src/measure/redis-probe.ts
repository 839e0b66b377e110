import { once } from "node:events";
import { connect } from "node:net";
import type { ServiceReading } from "./readings.ts";

/** Reads redis-server's figures. */
export interface RedisProbe {
  read(): Promise<ServiceReading>;
  close(): void;
}

const QUESTION = "INFO everything\r\n";

/**
 * Connects without a client library, so that the probe's own bytes are known exactly and can be
 * subtracted from the figures.
 */
export async function createRedisProbe(port: number): Promise<RedisProbe> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  await once(socket, "connect");
  const own = { asked: 0, answered: 0 };

  const ask = async (): Promise<string> => {
    socket.write(QUESTION);
    let answer = "";
    while (!isWhole(answer)) {
      const [chunk] = (await once(socket, "data")) as [string];
      answer += chunk;
    }
    return answer;
  };

  return {
    async read() {
      const text = await ask();
      // A reply's figures include its own request, but not the reply itself.
      own.asked += QUESTION.length;
      const figure = (name: string): number =>
        Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(text)?.[1] ?? 0);
      const reading = {
        inBytes: figure("total_net_input_bytes") - own.asked,
        outBytes: figure("total_net_output_bytes") - own.answered,
        storedBytes: figure("used_memory_dataset"),
        storedEntries: Number(/^db0:keys=(\d+)/m.exec(text)?.[1] ?? 0),
        cpuMs: (figure("used_cpu_sys") + figure("used_cpu_user")) * 1_000,
        rssBytes: figure("used_memory_rss"),
      };
      own.answered += Buffer.byteLength(text);
      return reading;
    },
    close: () => void socket.destroy(),
  };
}

/** Whether `answer` is a complete bulk string: `$<length>\r\n<bytes>\r\n`. */
function isWhole(answer: string): boolean {
  const header = /^\$(\d+)\r\n/.exec(answer);
  if (header === null) return false;
  return Buffer.byteLength(answer) >= header[0].length + Number(header[1]) + 2;
}
