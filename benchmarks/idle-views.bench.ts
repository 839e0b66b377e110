import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { benchRow, formatRows, type BenchRow } from "./bench-row.ts";
import type { Memory } from "./measure.ts";

const VIEWS = 10_000;
/** Connections being opened at a time. */
const AT_A_TIME = 100;

async function ask<Answer>(child: ChildProcess): Promise<Answer> {
  child.send("memory");
  const [answer] = (await once(child, "message")) as [Answer];
  return answer;
}

/** Opens a socket, sends one frame, and resolves when it was answered. */
async function openOne({ url, headers, frame, answer }: Client): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await once(socket, "open");
  socket.send(frame);
  const [data] = (await once(socket, "message")) as [Buffer];
  if (!answer.test(data.toString()))
    throw new Error(`expected ${answer}, found ${data.toString()}`);
  return socket;
}

interface Client {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly frame: string;
  readonly answer: RegExp;
}

/** RSS of a server per client, between the first hundred and all of them. */
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
  const before = await ask<Memory>(child);
  await open(VIEWS);
  const after = await ask<Memory>(child);
  for (const socket of sockets) socket.terminate();
  child.kill("SIGKILL");
  return (after.rss - before.rss) / (VIEWS - AT_A_TIME * 5);
}

async function prepareBare(port: number): Promise<Client> {
  return { url: `ws://127.0.0.1:${port}`, headers: {}, frame: "hello", answer: /^hello$/ };
}

const attribute = (document: string, name: string): string =>
  new RegExp(`${name}="([^"]+)"`).exec(document)?.[1] ?? "";

async function prepareView(port: number): Promise<Client> {
  const origin = `http://127.0.0.1:${port}`;
  const response = await fetch(origin);
  const document = await response.text();
  const csrfToken = attribute(document, 'name="csrf-token" content');
  const id = attribute(document, "div id");
  const payload = {
    url: `${origin}/`,
    params: { _csrf_token: csrfToken, _mounts: 0, _mount_attempts: 0 },
    session: attribute(document, "data-phx-session"),
    static: attribute(document, "data-phx-static"),
    sticky: false,
  };
  return {
    url: `ws://127.0.0.1:${port}/live/websocket?_csrf_token=${csrfToken}&vsn=2.0.0`,
    headers: { cookie: response.headers.getSetCookie()[0]?.split(";")[0] ?? "", origin },
    frame: JSON.stringify(["1", "1", `lv:${id}`, "phx_join", payload]),
    answer: /"status":"ok".*"rendered"/,
  };
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
