import { expect, it, vi } from "vitest";
import { createDnsDirectory } from "./directory.ts";

it("a DNS directory finds the nodes behind a name, and those that are added later", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    let hosts: readonly string[] | undefined = ["10.0.0.1"];
    let lookups = 0;
    const directory = createDnsDirectory("nodes.internal", 4100, "/peers", async (name) => {
      expect(name).toBe("nodes.internal");
      lookups += 1;
      if (hosts === undefined) throw new Error("SERVFAIL");
      return hosts;
    });
    const found = async (isUrgent: boolean): Promise<string[]> =>
      ((await directory.addresses(isUrgent)) ?? []).map(({ key }) => key);
    expect(await directory.addresses(false)).toEqual([
      { key: "10.0.0.1", target: { host: "10.0.0.1", port: 4100, path: "/peers" } },
    ]);
    hosts = ["10.0.0.1", "fd00::2"];
    expect(await found(false)).toEqual(["10.0.0.1"]);
    expect(await found(true)).toEqual(["10.0.0.1"]);
    expect(lookups).toBe(1);
    vi.advanceTimersByTime(1_001);
    expect(await Promise.all([found(true), found(true)])).toEqual([hosts, hosts]);
    expect(lookups).toBe(2);
    hosts = undefined;
    vi.advanceTimersByTime(5_001);
    expect(await found(false)).toEqual(["10.0.0.1", "fd00::2"]);
    expect(await found(true)).toEqual(["10.0.0.1", "fd00::2"]);
    expect(lookups).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});

it("a DNS directory resolves a name with the system's resolver", async () => {
  const directory = createDnsDirectory("localhost", 4100, "/");
  const keys = ((await directory.addresses(true)) ?? []).map(({ key }) => key);
  expect(keys.some((key) => key === "127.0.0.1" || key === "::1")).toBe(true);
});
