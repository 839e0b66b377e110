import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { maskedFrame, openDeaf } from "./memory/attacker.ts";
import { loadPage, RawClient, type LoadedPage } from "./raw-client.ts";

const HEAP_MB = 512;
const MIB = 1024 * 1024;

interface Memory {
  readonly heapUsed: number;
  readonly maxRss: number;
  readonly sockets: number;
  readonly views: number;
}

/** Starts a server with a small heap, and a bystander who uses the server. */
async function startSmallServer() {
  const child: ChildProcess = fork(fileURLToPath(new URL("./memory/server.ts", import.meta.url)), {
    execArgv: [
      `--max-old-space-size=${HEAP_MB}`,
      "--conditions=@live-stash/source",
      "--import",
      "tsx",
    ],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  const page = await loadPage(url);
  const bystander = await RawClient.openFor(page);
  bystander.join(page, "1");
  await bystander.reply("1");
  let ref = 1;
  return {
    url,
    /** Loads pages of one session, each with a view of its own. */
    async pages(count: number): Promise<LoadedPage[]> {
      const first = await loadPage(url);
      const pages = [first];
      while (pages.length < count) pages.push(await loadPage(url, first.cookie));
      return pages;
    },
    /** Expects that the bystander's click is answered, on the socket from before the attack. */
    async expectService(): Promise<Memory> {
      ref += 1;
      bystander.send(["1", `${ref}`, `lv:${page.id}`, "event", { event: "increment", value: {} }]);
      expect((await bystander.reply(`${ref}`)).response).toEqual({ diff: { "0": `${ref - 1}` } });
      expect(bystander.closed).toBeUndefined();
      expect(child.exitCode).toBeNull();
      child.send("memory");
      const [memory] = (await once(child, "message")) as [Memory];
      if (process.env.SHOW_MEMORY !== undefined)
        console.warn(expect.getState().currentTestName, memory);
      // Node.js limits the heap, and ends the process beyond the limit, but does not limit buffers.
      expect(memory.maxRss).toBeLessThan(1.5 * HEAP_MB * MIB);
      return memory;
    },
  };
}

const joinFrame = (page: LoadedPage, ref: string, params: string): Buffer =>
  maskedFrame(
    `["${ref}","${ref}","lv:${page.id}","phx_join",` +
      `{"url":"${page.url}","session":"${page.session}","params":{"_mounts":0,"a":${params}}}]`,
  );
const eventFrame = (page: LoadedPage, event: string, value = "{}"): Buffer =>
  maskedFrame(
    `["1","9","lv:${page.id}","event",{"type":"hook","event":"${event}","value":${value}}]`,
  );
const list = (count: number, entry: string): string => `[${Array(count).fill(entry).join(",")}]`;
const HEARTBEAT = maskedFrame('[null,null,"phoenix","heartbeat",{}]');

describe("a process with 512 MB survives, and still serves other clients,", () => {
  test("clients without a session that never read", async () => {
    const server = await startSmallServer();
    const block = Buffer.concat(Array.from({ length: 20_000 }, () => HEARTBEAT));
    for (let count = 0; count < 30; count++) {
      const stranger = await openDeaf(server.url);
      for (let sent = 0; sent < 10; sent++) await stranger.send(block);
    }
    await server.expectService();
  });

  test("sockets of one session that request megabytes and never read", async () => {
    const server = await startSmallServer();
    const [page] = (await server.pages(1)) as [LoadedPage];
    const block = Buffer.concat([
      joinFrame(page, "1", "0"),
      ...Array.from({ length: 50 }, () => eventFrame(page, "big")),
      ...Array.from({ length: 10_000 }, () => HEARTBEAT),
    ]);
    for (let count = 0; count < 80; count++) await (await openDeaf(server.url, page)).send(block);
    await server.expectService();
  });

  test("frames that are never completed, in one piece and in the smallest fragments", async () => {
    const server = await startSmallServer();
    const [page] = (await server.pages(1)) as [LoadedPage];
    const tiny = maskedFrame("x", { opcode: 0, isFinal: false });
    const fragments = Buffer.concat([
      maskedFrame("[", { isFinal: false }),
      ...Array.from({ length: 16_000 }, () => tiny),
    ]);
    const large = maskedFrame(Buffer.alloc(12 * MIB), { declared: 30 * MIB });
    for (let count = 0; count < 60; count++) await (await openDeaf(server.url, page)).send(large);
    for (let count = 0; count < 100; count++)
      await (await openDeaf(server.url, page)).send(fragments);
    await server.expectService();
  });

  test("joins whose parameters take many times their length when parsed", async () => {
    const server = await startSmallServer();
    const pages = await server.pages(30);
    const [first] = pages as [LoadedPage];
    for (const [entry, count] of [
      ["{}", 690_000],
      ["{}", 45_000],
      ["[[]]", 30_000],
      ['{"a":{"b":1}}', 30_000],
    ] as const) {
      for (let sockets = 0; sockets < 4; sockets++) {
        const attacker = await RawClient.openFor(first);
        for (const [index, page] of pages.entries()) {
          if (attacker.closed !== undefined) break;
          attacker.join(page, `${index}`, {
            params: JSON.parse(`{"a":${list(10, entry)}}`) as object,
          });
          await attacker.reply(`${index}`).catch(() => undefined);
          attacker.socket.send(
            `["x${index}","x${index}","lv:${page.id}","phx_join",` +
              `{"url":"${page.url}","session":"${page.session}","params":{"a":${list(count, entry)}}}]`,
          );
          await attacker.reply(`x${index}`).catch(() => undefined);
        }
      }
    }
    await server.expectService();
  });

  test("events that wait for views that never answer", async () => {
    const server = await startSmallServer();
    const pages = await server.pages(20);
    const block = Buffer.concat(
      pages.flatMap((page) => [
        joinFrame(page, "1", "0"),
        eventFrame(page, "hang", list(40_000, "{}")),
        ...Array.from({ length: 100 }, () => eventFrame(page, "increment", list(10_000, "[[]]"))),
      ]),
    );
    for (let count = 0; count < 20; count++) {
      await (await openDeaf(server.url, pages[0])).send(block);
    }
    await server.expectService();
  });

  test("the most views that sockets may have, on many sockets", async () => {
    const server = await startSmallServer();
    const pages = await server.pages(100);
    const block = Buffer.concat(
      pages.map((page) => joinFrame(page, "1", `"${"x".repeat(20_000)}"`)),
    );
    for (let count = 0; count < 60; count++)
      await (await openDeaf(server.url, pages[0])).send(block);
    await server.expectService();
  });

  test("forms with the most fields that fit into a frame", async () => {
    const server = await startSmallServer();
    const [page] = (await server.pages(1)) as [LoadedPage];
    for (const fields of [
      "a&".repeat(8_000_000),
      "a=1&".repeat(100_000),
      "a[]=1&".repeat(2_000_000),
    ]) {
      const form = maskedFrame(
        `["1","9","lv:${page.id}","event",{"type":"form","event":"hang","value":"${fields}"}]`,
      );
      for (let count = 0; count < 8; count++) {
        await (
          await openDeaf(server.url, page)
        ).send(Buffer.concat([joinFrame(page, "1", "0"), form]));
      }
    }
    await server.expectService();
  });
});
