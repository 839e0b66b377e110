import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECRET } from "../../../test/fake-page.ts";
import { echo, never, ONE, text, THREE, TWO } from "../../../test/http-peer-nodes.ts";
import { peersOverHttp, type HttpPeers, type PeersOverHttpOptions } from "../../entries/peers.ts";
import { createDnsDirectory } from "./directory.ts";
import { createHttpNetwork } from "./http-network.ts";

let folder: string;
let networks: { close(): Promise<void> }[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "peers-"));
  networks = [];
});
afterEach(async () => {
  for (const network of networks) await network.close();
  await rm(folder, { recursive: true });
});

async function start(name: string, options: PeersOverHttpOptions): Promise<HttpPeers> {
  const network = peersOverHttp({ secret: SECRET, ...options });
  networks.push(network);
  await network.open(name, echo);
  return network;
}

const socketUrl = (path: string): string => `http+unix://${encodeURIComponent(path)}`;

describe("a node", () => {
  it("reaches another over IPv6, by URL", async () => {
    const two = await start(TWO, { nodes: [], listen: { port: 0, host: "::1" } });
    const one = await start(ONE, { nodes: [`http://[::1]:${two.port}`] });
    expect(await one.nodes(never())).toEqual([TWO]);
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
  });

  it("listens on all IPv4 and IPv6 interfaces by default", async () => {
    const two = await start(TWO, { nodes: [], listen: { port: 0 } });
    const hosts = ["127.0.0.1", "[::1]"];
    const nodes = hosts.map((host) => `http://${host}:${two.port}`);
    for (const node of nodes) {
      const one = await start(ONE, { nodes: [node] });
      expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    }
    // Both addresses lead to one node, which is asked once.
    const asked: string[] = [];
    const three = peersOverHttp({ secret: SECRET, nodes: [], listen: { port: 0 } });
    networks.push(three);
    await three.open(THREE, (request) => void asked.push(Buffer.from(request).toString()));
    const both = await start(ONE, { nodes: hosts.map((host) => `http://${host}:${three.port}`) });
    expect(text(await both.askOthers(Buffer.from("x"), undefined, never()))).toBe("answered");
    expect(asked).toEqual(["x"]);
  });

  it("reaches another behind a name with IPv4 and IPv6 addresses", async () => {
    const two = await start(TWO, { nodes: [], listen: { port: 0, host: "::1" } });
    const port = two.port ?? 0;
    const resolve = async (): Promise<string[]> => ["127.0.0.1", "::1"];
    const one = createHttpNetwork({
      secrets: [SECRET],
      directory: () => createDnsDirectory("peers.internal", port, "/", resolve),
      listen: undefined,
    });
    networks.push(one);
    await one.open(ONE, echo);
    expect(await one.nodes(never())).toEqual([TWO]);
    expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
    expect(text(await one.ask(THREE, Buffer.from("x"), never()))).toBe("gone");
  });

  it("reaches another over a Unix domain socket, whatever characters its path has", async () => {
    const path = join(folder, "two of shop?#%.sock");
    await start(TWO, { nodes: [], listen: { path } });
    for (const url of [socketUrl(path), `${socketUrl(path)}/peers`]) {
      const one = await start(ONE, { nodes: [url, socketUrl(join(folder, "three.sock"))] });
      expect(await one.nodes(never())).toEqual([TWO]);
      expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("echo x");
      expect(text(await one.ask(THREE, Buffer.from("x"), never()))).toBe("gone");
    }
  });

  it("replaces the socket of a process that was killed, and no other one", async () => {
    const path = join(folder, "two.sock");
    const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const two = peersOverHttp({ secret: SECRET, nodes: [], listen: { path } });
    networks.push(two);
    await expect(two.open(TWO, echo)).rejects.toMatchObject({ code: "EADDRINUSE" });
    child.kill("SIGKILL");
    await once(child, "close");
    const three = await start(THREE, { nodes: [], listen: { path } });
    const one = await start(ONE, { nodes: [socketUrl(path)] });
    expect(text(await one.ask(THREE, Buffer.from("x"), never()))).toBe("echo x");
    expect(three.port).toBeUndefined();
  });
});

it("a name service that fails leaves nodes silent, and does not make them gone", async () => {
  let failure: NodeJS.ErrnoException | undefined = Object.assign(new Error("down"), {
    code: "EAI_AGAIN",
  });
  const directory = createDnsDirectory("peers.internal", 1, "/", async () => {
    if (failure !== undefined) throw failure;
    return ["127.0.0.1"];
  });
  const one = createHttpNetwork({
    secrets: [SECRET],
    directory: () => directory,
    listen: undefined,
  });
  networks.push(one);
  await one.open(ONE, echo);
  expect(text(await one.askOthers(Buffer.from("x"), undefined, never()))).toBe("silent");
  expect(text(await one.ask(TWO, Buffer.from("x"), never()))).toBe("silent");
  failure = Object.assign(new Error("nobody"), { code: "ENOTFOUND" });
  const another = createHttpNetwork({
    secrets: [SECRET],
    directory: () => createDnsDirectory("peers.internal", 1, "/", () => Promise.reject(failure)),
    listen: undefined,
  });
  networks.push(another);
  await another.open(ONE, echo);
  expect(text(await another.askOthers(Buffer.from("x"), undefined, never()))).toBe("answered");
});

describe("peersOverHttp() with an invalid address", () => {
  it.each([
    [{ nodes: ["http+unix://relative.sock"] }, "http+unix://%2Frun%2Fshop%2Fone.sock"],
    [{ nodes: ["http+unix://%zz"] }, "http+unix://%2Frun"],
    [{ nodes: ["http+unix://me@%2Frun%2Fone.sock"] }, "without a user"],
    [{ nodes: ["http://fd00::2:4100"] }, "http://[fd00::2]:4100"],
    [{ nodes: [], listen: { path: "relative.sock" } }, "absolute path"],
    [{ nodes: [], listen: { path: "/run/one.sock", port: 1 } }, "without a port or a host"],
  ])("throws invalid_option: %j", (options, message) => {
    const call = (): unknown => peersOverHttp(options);
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});
