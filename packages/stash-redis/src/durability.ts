import type { StashError } from "live-stash";
import { checkOptions, invalidOption } from "live-stash/adapter";
import { CALLER } from "./redis-errors.ts";

/** The confirmations that a save waits for. */
export interface RedisDurability {
  /** The number of replicas that must have the save in memory (`WAIT`). 0 to 100. Default 0. */
  readonly replicas?: number;
  /**
   * The servers whose append-only file must have the save on disk (`WAITAOF`; Redis 7.2 or Valkey, with
   * `appendonly yes`): `"local"` for the primary, `"everywhere"` for the primary and `replicas` replicas.
   * Default: none.
   */
  readonly fsync?: "local" | "everywhere";
  /**
   * The longest wait of a save for its confirmations, in ms. After that the save rejects with
   * `adapter_timeout`, and may have taken effect. Less than the adapter's `timeoutMs`. Default: three
   * quarters of that.
   */
  readonly timeoutMs?: number;
}

export interface Durability {
  readonly replicas: number;
  readonly fsync: "local" | "everywhere" | undefined;
  readonly timeoutMs: number;
}

/** More than a primary has in practice: a larger number is a mistake that makes every save time out. */
const MAX_REPLICAS = 100;

/** The parts of the option, under the names that errors show. */
type NamedParts = {
  [Name in keyof RedisDurability as `durability.${Name}`]: RedisDurability[Name];
};

/** Parses the option `durability`. Throws `invalid_option`. */
export function parseDurability(
  options: RedisDurability | undefined,
  callTimeoutMs: number,
): Durability | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null) {
    throw invalidDurability("an object such as { replicas: 1 }", "another value");
  }
  const named: NamedParts = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`durability.${name}`, value]),
  );
  const {
    "durability.replicas": replicas,
    "durability.fsync": fsync,
    "durability.timeoutMs": timeoutMs,
  } = checkOptions(CALLER, named, {
    "durability.replicas": { kind: "number", default: 0, least: 0, most: MAX_REPLICAS },
    "durability.fsync": { kind: "choice", choices: ["local", "everywhere"] },
    "durability.timeoutMs": {
      kind: "number",
      default: Math.ceil(callTimeoutMs * 0.75),
      most: callTimeoutMs - 1,
      advice: "Keep it below timeoutMs of the adapter.",
    },
  });
  if (replicas === 0 && fsync !== "local") {
    const found = fsync === undefined ? "neither" : 'fsync: "everywhere" without replicas';
    throw invalidDurability('replicas of 1 or more, or fsync: "local"', found);
  }
  return { replicas, fsync, timeoutMs };
}

function invalidDurability(expected: string, found: string): StashError {
  const advice = "Correct the value, or leave `durability` out.";
  return invalidOption({ caller: CALLER, option: "durability", expected, found, advice });
}

/** Returns the commands that wait for confirmations of the writes before them on their connection. */
export function waitCommands({ replicas, fsync, timeoutMs }: Durability): readonly string[][] {
  if (fsync === undefined) return [["WAIT", String(replicas), String(timeoutMs)]];
  if (fsync === "everywhere") return [["WAITAOF", "1", String(replicas), String(timeoutMs)]];
  if (replicas === 0) return [["WAITAOF", "1", "0", String(timeoutMs)]];
  // Redis executes one after the other, so each has half of the time.
  const halfMs = String(Math.ceil(timeoutMs / 2));
  return [
    ["WAIT", String(replicas), halfMs],
    ["WAITAOF", "1", "0", halfMs],
  ];
}

/** Describes which confirmation is missing in the replies to `waitCommands`; `undefined` if none is. */
export function shortfall(
  { replicas, fsync }: Durability,
  replies: readonly unknown[],
): string | undefined {
  const counts = replies.map((reply) => (Array.isArray(reply) ? reply.map(Number) : Number(reply)));
  const inMemory = fsync === "everywhere" ? undefined : counts[0];
  if (replicas > 0 && typeof inMemory === "number" && !(inMemory >= replicas)) {
    return `confirmations from ${inMemory} of ${replicas} replicas`;
  }
  if (fsync === undefined) return undefined;
  const onDisk = counts.at(-1);
  const [local = 0, remote = 0] = Array.isArray(onDisk) ? onDisk : [];
  if (!(local >= 1)) return "no confirmation from the disk of the primary";
  if (fsync === "everywhere" && !(remote >= replicas)) {
    return `confirmations from the disks of ${remote} of ${replicas} replicas`;
  }
  return undefined;
}
