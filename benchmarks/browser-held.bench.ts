import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { once } from "node:events";
import { encodeFrame } from "@live-stash/wire";
import {
  createBrowserHeldAdapter,
  liveStash,
  type LiveStashOptions,
  recoverState,
  type SecurityMode,
  stash,
} from "live-stash";
import { TOKEN_PARAM, type TokenEvent, type StashHost } from "live-stash/host";
import { type BenchRow, benchRow, formatRows } from "./bench-row.ts";
import { labMap } from "./lab-map.ts";
import { measureAgainst } from "./measure.ts";

interface Assigns {
  count: number;
  entries: Record<string, string>;
}

const SECRET = "a secret of the benchmark, not of an application";
const SAMPLING = { samples: 101, runsPerSample: 50, warmUpSamples: 200 };
/** Two bytes of a WebSocket's header, where a frame has at most 125. */
const FRAME_HEADER_BYTES = 2;

/** A connected page, which keeps its token. */
class BenchPage implements StashHost {
  readonly id = "phx-AbCdEf12";
  readonly view = { name: "bench" };
  readonly connected = true;
  readonly session = { id: "session" };
  readonly pushes = new EventTarget();
  readonly connectParams: Readonly<Record<string, unknown>>;
  assigns: Assigns;
  held = "";
  renewalFrame = "";

  constructor(count: number, held?: string) {
    this.assigns = { count, entries: labMap(count) };
    this.connectParams = held === undefined ? { _mounts: 0 } : { _mounts: 1, [TOKEN_PARAM]: held };
  }

  assign(values: Partial<Assigns>): void {
    this.assigns = { ...this.assigns, ...values };
  }

  pushEvent(name: string, payload: object): void {
    const event = payload as TokenEvent;
    if ("r" in event) {
      const diff = { e: [[name, event]] };
      this.renewalFrame = encodeFrame("4", null, `lv:${this.id}`, "diff", diff);
    } else this.held = event.h ?? "";
    this.pushes.dispatchEvent(new Event("push"));
  }

  waitUntil(): void {}
}

function createHook(securityMode: SecurityMode, options: Partial<LiveStashOptions<Assigns>> = {}) {
  const adapter = createBrowserHeldAdapter({ securityMode });
  const storedKeys = ["count", "entries"] as const;
  return liveStash<Assigns>({ storedKeys, adapter, secret: SECRET, ...options });
}

async function stashed(page: BenchPage, hook: ReturnType<typeof createHook>): Promise<string> {
  hook.onMount(page);
  assert.equal((await stash(page)).status, "saved");
  return page.held;
}

/** The obvious way to have the browser hold a state: JSON, and the same cipher. */
const key = randomBytes(32);

function sealPlainly(state: Assigns): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = cipher.update(JSON.stringify(state));
  cipher.final();
  return Buffer.concat([nonce, text, cipher.getAuthTag()]).toString("base64url");
}

function openPlainly(held: string): unknown {
  const bytes = Buffer.from(held, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  const text = decipher.update(bytes.subarray(12, -16));
  decipher.final();
  return JSON.parse(text.toString("utf8"));
}

async function measureSizes(): Promise<readonly BenchRow[]> {
  const encrypted = await stashed(new BenchPage(1), createHook("encrypt"));
  const signed = await stashed(new BenchPage(1), createHook("sign"));
  const { assigns } = new BenchPage(1);
  const page = new BenchPage(1);
  const hook = createHook("encrypt", { ttlMs: 40 });
  await stashed(page, hook);
  // The timer of the keep-alive keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  await once(page.pushes, "push");
  clearInterval(alive);
  await hook.onTerminate(page, "disconnected");
  const renewalBytes = Buffer.byteLength(page.renewalFrame) + FRAME_HEADER_BYTES;
  assert.ok(page.renewalFrame.length > 0);
  return [
    benchRow("5 KB map held, encrypted, with its expiry", encrypted.length, "characters", 660),
    benchRow("5 KB map held, signed, with its expiry", signed.length, "characters", 660),
    benchRow("control: JSON and the same cipher", sealPlainly(assigns).length, "characters"),
    benchRow("renewal of an expiry on the wire", renewalBytes, "bytes", 120),
  ];
}

async function measureStash(securityMode: SecurityMode): Promise<readonly BenchRow[]> {
  const page = new BenchPage(1);
  await stashed(page, createHook(securityMode));
  let count = 1;
  const prepare = (runs: number): Assigns[] =>
    Array.from({ length: runs }, () => {
      count = (count % 9) + 1;
      return { count, entries: labMap(count) };
    });
  const medians = await measureAgainst(
    {
      prepare,
      run: async (assigns) => {
        page.assigns = assigns;
        const result = await stash(page);
        if (result.status !== "saved") throw new Error(`Expected a save, found ${result.status}.`);
      },
    },
    { prepare, run: sealPlainly },
    SAMPLING,
  );
  const name = `5 KB map stashed, ${securityMode}`;
  return [
    benchRow(name, medians.subjectUs, "µs"),
    benchRow(`${name} ÷ JSON.stringify and AES-256-GCM`, medians.ratio, "×"),
  ];
}

async function measureRecover(securityMode: SecurityMode): Promise<readonly BenchRow[]> {
  const hook = createHook(securityMode);
  const held = await stashed(new BenchPage(1), hook);
  const plain = sealPlainly(new BenchPage(1).assigns);
  const medians = await measureAgainst(
    {
      prepare: (runs) => Array.from({ length: runs }, () => new BenchPage(0, held)),
      run: async (page) => {
        hook.onMount(page);
        const { status } = await recoverState(page);
        if (status !== "recovered") throw new Error(`Expected a recovery, found ${status}.`);
        await hook.onTerminate(page, "left");
      },
    },
    { prepare: (runs) => Array.from({ length: runs }, () => plain), run: openPlainly },
    SAMPLING,
  );
  const name = `5 KB map recovered, ${securityMode}`;
  return [
    benchRow(name, medians.subjectUs, "µs"),
    benchRow(`${name} ÷ AES-256-GCM and JSON.parse`, medians.ratio, "×"),
  ];
}

/** Runs the benchmark of the browser-held adapter. */
export async function run(): Promise<BenchRow[]> {
  return [
    ...(await measureSizes()),
    ...(await measureStash("encrypt")),
    ...(await measureStash("sign")),
    ...(await measureRecover("encrypt")),
    ...(await measureRecover("sign")),
  ];
}

if (process.argv[1] === import.meta.filename) console.log(formatRows(await run()));
