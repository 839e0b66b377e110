import { randomBytes } from "node:crypto";
import { connect } from "@nats-io/transport-node";
import type { PeerHandler, PeerNetwork, PeerReply } from "live-stash/peers";
import { expect, test, vi } from "vitest";
import { createCloser } from "../../../stash-contract/test/create-closer.ts";
import { useNatsLab } from "../../test/nats-lab.ts";
import { peersOverNats } from "./peers-over-nats.ts";

/** The time limit of an event, because other processes may use most of the CPU. */
const SOON = { timeout: 15_000 };

const openLab = useNatsLab();
const willClose = createCloser();
const SECRET = "a secret of the tests, not of an application";
const never = new AbortController().signal;
const bytes = (text: string): Buffer => Buffer.from(text);
/** Returns the answer as text, or the status of a reply without an answer. */
const text = (reply: PeerReply): string =>
  reply.status === "answered" && reply.answer !== undefined
    ? Buffer.from(reply.answer).toString()
    : reply.status;

async function join(
  servers: string,
  answer: PeerHandler = () => undefined,
  secret = SECRET,
): Promise<{ readonly name: string; readonly peers: PeerNetwork }> {
  const peers = peersOverNats({ servers, secret });
  willClose(peers, () => peers.close());
  const name = randomBytes(8).toString("base64url");
  await peers.open(name, answer);
  return { name, peers };
}

test("nodes find each other, ask one node or all, and report a node that left as gone", async () => {
  const { server } = await openLab();
  const one = await join(server.url);
  const two = await join(server.url, (request) => bytes(`two received ${String(request)}`));
  const three = await join(server.url);
  const known = async (): Promise<string[]> => [...(await one.peers.nodes(never))].sort();
  await vi.waitFor(async () => expect(await known()).toEqual([two.name, three.name].sort()), SOON);

  const answer = await one.peers.ask(two.name, bytes("a question"), never);
  expect(text(answer)).toBe("two received a question");
  expect(text(await one.peers.askOthers(bytes("all"), undefined, never))).toBe("two received all");
  expect(text(await one.peers.askOthers(bytes("all"), two.name, never))).toBe("answered");
  await two.peers.close();
  await vi.waitFor(async () => expect(await known()).toEqual([three.name]), SOON);
  expect(text(await one.peers.ask(two.name, bytes("?"), never))).toBe("gone");
});

test("a node without a subscriber is silent, not gone, because it may connect again", async () => {
  const { server } = await openLab();
  const one = await join(server.url);
  const nobody = randomBytes(8).toString("base64url");
  const first = await one.peers.ask(nobody, bytes("?"), never);
  expect(first).toMatchObject({ status: "silent" });
  await vi.waitFor(async () => {
    const reply = await one.peers.ask(nobody, bytes("?"), never);
    expect(reply.status === "silent" && reply.silentMs).toBeGreaterThan(50);
  }, SOON);
});

test("nodes with another secret neither find nor answer each other", async () => {
  const { server } = await openLab();
  const handle = vi.fn<PeerHandler>(() => bytes("answer"));
  const one = await join(server.url, handle);
  const stranger = await join(server.url, handle, SECRET.replace("tests", "other"));
  const gone = new AbortController();

  expect([await one.peers.nodes(never), await stranger.peers.nodes(never)]).toEqual([[], []]);
  const asked = stranger.peers.ask(one.name, bytes("a question"), gone.signal);
  await one.peers.ask(stranger.name, bytes("a question"), AbortSignal.timeout(50));
  gone.abort();
  expect(text(await asked)).toBe("silent");
  expect(handle).not.toHaveBeenCalled();
});

test("a recorded request reveals nothing, and is accepted once and by one node only", async () => {
  const { server } = await openLab();
  const handle = vi.fn<PeerHandler>(() => bytes("answer"));
  const [one, two, three] = [
    await join(server.url),
    await join(server.url, handle),
    await join(server.url, handle),
  ];
  const recorder = await connect({ servers: server.url });
  willClose(recorder, () => recorder.close());
  const requests: Buffer[] = [];
  recorder.subscribe("ls.q.*", {
    callback(_, { data }) {
      requests.push(Buffer.from(data));
    },
  });
  await recorder.flush();
  await one.peers.ask(two.name, bytes("a question"), never);
  await vi.waitFor(() => expect(requests).toHaveLength(1), SOON);
  const [request = Buffer.alloc(0)] = requests;
  expect(request.includes("question")).toBe(false);

  for (const { name } of [two, three]) {
    recorder.publish(`ls.q.${name}`, request);
    recorder.publish(`ls.q.${name}`, Buffer.concat([request, bytes("x")]));
  }
  await recorder.flush();
  // The last request comes after all the others.
  for (const { name } of [two, three]) await one.peers.ask(name, bytes("last"), never);
  expect(handle.mock.calls.map(([asked]) => String(asked))).toEqual(["a question", "last", "last"]);
});

test("a node starts while NATS is down, and connects when NATS comes up", async () => {
  const { server } = await openLab();
  await server.stop();
  const one = await join(server.url);
  expect(await one.peers.nodes(never)).toEqual([]);
  expect(text(await one.peers.askOthers(bytes("all"), undefined, never))).toBe("silent");

  await server.start();
  const two = await join(server.url, () => bytes("answer"));
  await vi.waitFor(async () => {
    expect(text(await one.peers.ask(two.name, bytes("a question"), never))).toBe("answer");
  }, SOON);
});

test("a pending request ends with its signal, and when the network is closed", async () => {
  const { server } = await openLab();
  const one = await join(server.url);
  const two = await join(server.url, () => new Promise(() => {}));
  const gone = new AbortController();
  const asked = one.peers.ask(two.name, bytes("a question"), gone.signal);
  gone.abort();
  expect(text(await asked)).toBe("silent");
  const last = one.peers.ask(two.name, bytes("a question"), never);
  await one.peers.close();
  expect(text(await last)).toBe("silent");
});
