import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WebSocket } from "ws";
import { benchRow, formatRows, type BenchRow } from "./bench-row.ts";
import type { Memory } from "./measure.ts";
import { ask, loadPage, openSocket } from "./page-client.ts";

const VIEWS = 10_000;
/** Connections that are opened concurrently. */
const AT_A_TIME = 100;

async function askChild<Answer>(child: ChildProcess): Promise<Answer> {
  child.send("memory");
  const [answer] = (await once(child, "message")) as [Answer];
  return answer;
}

/** Opens a socket, sends one frame, and resolves with the answer's arrival. */
async function openOne({ url, headers, frame, answer }: Client): Promise<WebSocket> {
  const socket = await openSocket(url, headers);
  await ask(socket, frame, answer);
  return socket;
}

interface Client {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly frame: string;
  readonly answer: RegExp;
}

/** Measures a server's RSS per client, between the first hundred clients and all of them. */
async function bytesPerClient(
  file: string,
  prepare: (port: number) => Promise<Client>,
): Promise<number> {
  const child = fork(fileURLToPath(new URL(`./idle-views/${file}`, import.meta.url)), {
    execArgv: ["--expose-gc", "--conditions=@live-stash/source", "--import", "tsx"],
  });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const client = await prepare(port);
  const sockets: WebSocket[] = [];
  const open = async (count: number): Promise<void> => {
    while (sockets.length < count) {
      const batch = Array.from({ length: AT_A_TIME }, () => openOne(client));
      sockets.push(...(await Promise.all(batch)));
    }
  };
  await open(AT_A_TIME * 5);
  const before = await askChild<Memory>(child);
  await open(VIEWS);
  const after = await askChild<Memory>(child);
  for (const socket of sockets) socket.terminate();
  child.kill("SIGKILL");
  return (after.rss - before.rss) / (VIEWS - AT_A_TIME * 5);
}

async function prepareBare(port: number): Promise<Client> {
  return { url: `ws://127.0.0.1:${port}`, headers: {}, frame: "hello", answer: /^hello$/ };
}

async function prepareView(port: number): Promise<Client> {
  const { socketUrl, headers, join } = await loadPage(`http://127.0.0.1:${port}/`);
  return { url: socketUrl, headers, frame: join, answer: /"status":"ok".*"rendered"/ };
}

export async function run(): Promise<BenchRow[]> {
  const bareBytes = await bytesPerClient("bare-server.ts", prepareBare);
  const viewBytes = await bytesPerClient("view-server.ts", prepareView);
  return [
    benchRow(
      `RSS per connected idle view above a bare socket, at ${VIEWS} views`,
      (viewBytes - bareBytes) / 1024,
      "KB",
      25,
    ),
    benchRow("RSS per bare socket (control)", bareBytes / 1024, "KB"),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(formatRows(await run()));
