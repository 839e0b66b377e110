import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { FakePage, SECRET } from "../../test/fake-page.ts";
import { PeerCluster } from "../../test/peer-cluster.ts";
import { UnreliableAdapter } from "../../test/unreliable-adapter.ts";
import {
  createMemoryAdapter,
  liveStash,
  type MemoryAdapter,
  recoverState,
  resetStash,
  stash,
} from "../index.ts";
import type { StashAdapter } from "./adapter.ts";
import { CHANNELS } from "../channels.ts";
import { collectStashMetrics } from "./metrics.ts";

let memory: MemoryAdapter;
let heard: { name: string; message: unknown }[];

const listen = (message: unknown, name: string | symbol): void => {
  heard.push({ name: String(name), message });
};

beforeEach(() => {
  memory = createMemoryAdapter();
  heard = [];
  for (const name of Object.values(CHANNELS)) subscribe(name, listen);
});
afterEach(async () => {
  for (const name of Object.values(CHANNELS)) unsubscribe(name, listen);
  vi.useRealTimers();
  vi.restoreAllMocks();
  await memory.close();
});

function page(adapter: StashAdapter, ttlMs = 60_000): FakePage<{ count: unknown }> {
  const onError = (): void => undefined;
  return new FakePage<{ count: unknown }>(
    liveStash<{ count: unknown }>({
      storedKeys: ["count"],
      adapter,
      secret: SECRET,
      ttlMs,
      onError,
    }),
    () => ({ count: 0 }),
  );
}

describe("the diagnostics channels", () => {
  it("receive each stash, recovery and reset with its result", async () => {
    const tab = page(memory);
    const first = tab.join();
    await recoverState(first);
    await stash(first);
    await stash(first);
    await tab.end(first);
    const second = tab.join();
    await recoverState(second);
    await resetStash(second);

    const about = { view: "counter", adapter: "memory", durationMs: expect.any(Number) as number };
    expect(heard.map(({ message }) => message)).toEqual([
      { ...about, operation: "recover", status: "new" },
      { ...about, operation: "stash", status: "saved", bytes: expect.any(Number) as number },
      { ...about, operation: "stash", status: "unchanged" },
      { ...about, operation: "recover", status: "recovered" },
      { ...about, operation: "reset", status: "reset" },
    ]);
    expect(new Set(heard.map(({ name }) => name))).toEqual(new Set([CHANNELS.operation]));
  });

  it("receive the code of each failure, and no state", async () => {
    const canary = "canary-in-the-state";
    const tab = page(memory);
    const view = tab.join();
    view.assign({ count: { [canary]: () => undefined } });
    await stash(view);
    expect(heard).toEqual([
      {
        name: CHANNELS.error,
        message: {
          view: "counter",
          adapter: "memory",
          operation: "stash",
          code: "unsupported_value",
        },
      },
      {
        name: CHANNELS.operation,
        message: expect.objectContaining({
          status: "error",
          reason: "unsupported_value",
        }) as object,
      },
    ]);
    expect(JSON.stringify(heard)).not.toContain(canary);
  });
});

describe("collectStashMetrics()", () => {
  it("registers its metrics in Prometheus, and removes them when it is stopped", async () => {
    const register = new Registry();
    const stop = collectStashMetrics({ register, memoryAdapters: { main: memory } });
    onTestFinished(stop);
    const tab = page(memory);
    const view = tab.join();
    await recoverState(view);
    await stash(view);
    await stash(view);
    const text = await register.metrics();
    for (const line of [
      'live_stash_operations_total{operation="stash",adapter="memory",status="saved"} 1',
      'live_stash_operations_total{operation="stash",adapter="memory",status="unchanged"} 1',
      'live_stash_operations_total{operation="recover",adapter="memory",status="new"} 1',
      'live_stash_operation_duration_seconds_count{operation="stash",adapter="memory"} 2',
      'live_stash_record_size_bytes_count{adapter="memory"} 1',
      'live_stash_memory_entries{adapter_instance="main",state="connected"} 1',
      'live_stash_memory_entries{adapter_instance="main",state="disconnected"} 0',
      'live_stash_memory_expired_total{adapter_instance="main"} 0',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    stop();
    await stash(tab.join());
    expect((await register.metrics()).trim()).toBe("");
    collectStashMetrics({ register })();
  });

  it("counts every operation, even if only one metric is read", async () => {
    const register = new Registry();
    onTestFinished(collectStashMetrics({ register }));
    const tab = page(memory);
    const view = tab.join();
    for (let count = 1; count <= 700; count += 1) {
      view.assign({ count });
      await stash(view);
    }
    const sizes = await register.getSingleMetric("live_stash_record_size_bytes")?.get();
    const counts = sizes?.values.filter((value) => "metricName" in value);
    expect(counts?.at(-1)).toMatchObject({ value: 700 });
  });

  it("shows the transfers between nodes, and the time of lookups", async () => {
    const cluster = new PeerCluster();
    onTestFinished(() => cluster.close());
    const [one, two] = [cluster.join(), cluster.join()];
    const register = new Registry();
    const stop = collectStashMetrics({ register, memoryAdapters: { one, two } });
    onTestFinished(stop);
    const [id, other] = [cluster.newId(), cluster.newId()];
    const adapterData = await cluster.create(one, id);
    await cluster.create(one, other);
    await cluster.load(two, id, adapterData);
    await cluster.load(two, cluster.newId(), adapterData);
    await cluster.settleTransfers();
    await one.handOver();
    const text = await register.metrics();
    for (const line of [
      'live_stash_memory_lookups_total{adapter_instance="two",source="hint"} 1',
      'live_stash_memory_lookups_total{adapter_instance="two",source="none"} 1',
      'live_stash_memory_lookups_total{adapter_instance="one",source="local"} 0',
      'live_stash_peer_lookup_duration_seconds_count{source="hint"} 1',
      'live_stash_memory_moves_total{adapter_instance="one",direction="out"} 2',
      'live_stash_memory_moves_total{adapter_instance="two",direction="in"} 2',
      'live_stash_memory_handed_over_total{adapter_instance="one"} 1',
      'live_stash_memory_unconfirmed_transfers{adapter_instance="one"} 0',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    stop();
    expect((await register.metrics()).trim()).toBe("");
  });

  it("shows the mirrors of replicated stores", async () => {
    const register = new Registry();
    const nats = { figures: () => ({ mirror: { entries: 5, bytes: 4_000, lagMessages: 2 } }) };
    onTestFinished(collectStashMetrics({ register, mirrors: { nats } }));
    const text = await register.metrics();
    for (const line of [
      'live_stash_mirror_entries{adapter_instance="nats"} 5',
      'live_stash_mirror_bytes{adapter_instance="nats"} 4000',
      'live_stash_mirror_lag_messages{adapter_instance="nats"} 2',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("counts the deadlines that were extended", async () => {
    vi.useFakeTimers();
    const register = new Registry();
    onTestFinished(collectStashMetrics({ register }));
    const adapter = new UnreliableAdapter(memory, { needsKeepAlive: true });
    const tab = page(adapter, 4000);
    await stash(tab.join());
    await vi.advanceTimersByTimeAsync(1001);
    expect(await register.metrics()).toContain(
      'live_stash_kept_alive_total{adapter="memory",outcome="kept"} 1',
    );
  });
});

it("a stash publishes nothing without subscribers", async () => {
  for (const name of Object.values(CHANNELS)) unsubscribe(name, listen);
  // The memory adapter reads its own clock, which must not count.
  const timed = createMemoryAdapter({ monotonicNow: () => 0 });
  const clock = vi.spyOn(performance, "now");
  await stash(page(timed).join());
  expect(clock).not.toHaveBeenCalled();
});
