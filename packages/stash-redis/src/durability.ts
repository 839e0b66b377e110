import { wrongOption } from "./redis-errors.ts";

/** When a save counts as saved. */
export interface RedisDurability {
  /**
   * The save has reached at least so many replicas (`WAIT`). 0 to 100. Default 0.
   */
  readonly replicas?: number;
  /**
   * The save is in the append-only file, and that on disk (`WAITAOF`; Redis 7.2 or Valkey, with
   * `appendonly yes`): `"local"` of the primary, `"everywhere"` of the primary and of as many replicas.
   * Default: not waited for.
   */
  readonly fsync?: "local" | "everywhere";
  /**
   * How long to wait for it, in ms; then the save is refused with `adapter_timeout`, and may have taken
   * effect. Less than the adapter's `timeoutMs`. Default: three quarters of that.
   */
  readonly timeoutMs?: number;
}

export interface Durability {
  readonly replicas: number;
  readonly fsync: "local" | "everywhere" | undefined;
  readonly timeoutMs: number;
}

const OPTIONS = ["replicas", "fsync", "timeoutMs"];
const MAX_REPLICAS = 100;

/** Rejects with `invalid_option`. */
export function parseDurability(
  options: RedisDurability | undefined,
  callTimeoutMs: number,
): Durability | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null) {
    throw wrongOption("durability", "an object such as { replicas: 1 }", options);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw wrongOption(`durability.${unknown}`, `one of ${OPTIONS.join(", ")}`, "another name");
  }
  const { replicas = 0, fsync, timeoutMs = Math.ceil(callTimeoutMs * 0.75) } = options;
  if (!isWhole(replicas, 0, MAX_REPLICAS)) {
    throw wrongOption("durability.replicas", `a whole number from 0 to ${MAX_REPLICAS}`, replicas);
  }
  if (fsync !== undefined && fsync !== "local" && fsync !== "everywhere") {
    throw wrongOption("durability.fsync", '"local" or "everywhere"', "something else");
  }
  if (replicas === 0 && fsync !== "local") {
    const found = fsync === undefined ? "neither" : 'fsync: "everywhere" without replicas';
    throw wrongOption("durability", 'replicas of 1 or more, or fsync: "local"', found);
  }
  const most = callTimeoutMs - 1;
  if (!isWhole(timeoutMs, 1, most)) {
    throw wrongOption(
      "durability.timeoutMs",
      `a whole number from 1 to ${most}, less than timeoutMs of the adapter`,
      timeoutMs,
    );
  }
  return { replicas, fsync, timeoutMs };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

/** The commands that wait, on the connection over which the saves went; each answers with counts. */
export function waitCommands({ replicas, fsync, timeoutMs }: Durability): readonly string[][] {
  if (fsync === undefined) return [["WAIT", String(replicas), String(timeoutMs)]];
  if (fsync === "everywhere") return [["WAITAOF", "1", String(replicas), String(timeoutMs)]];
  if (replicas === 0) return [["WAITAOF", "1", "0", String(timeoutMs)]];
  // One after the other, so each has its half.
  const halfMs = String(Math.ceil(timeoutMs / 2));
  return [
    ["WAIT", String(replicas), halfMs],
    ["WAITAOF", "1", "0", halfMs],
  ];
}

/** Says what is missing, in words; `undefined` if nothing is. */
export function shortfall(
  { replicas, fsync }: Durability,
  replies: readonly unknown[],
): string | undefined {
  const counts = replies.map((reply) => (Array.isArray(reply) ? reply.map(Number) : Number(reply)));
  const arrived = fsync === "everywhere" ? undefined : counts[0];
  if (replicas > 0 && typeof arrived === "number" && !(arrived >= replicas)) {
    return `the save at ${arrived} of ${replicas} replicas`;
  }
  if (fsync === undefined) return undefined;
  const synced = counts.at(-1);
  const [local = 0, remote = 0] = Array.isArray(synced) ? synced : [];
  if (!(local >= 1)) return "it not on the disk of the primary yet";
  if (fsync === "everywhere" && !(remote >= replicas)) {
    return `it on the disks of ${remote} of ${replicas} replicas`;
  }
  return undefined;
}
