import type {
  ForgetOutcome,
  ForgetRequest,
  KeepAliveOutcome,
  KeepAliveRequest,
  LoadOutcome,
  LoadRequest,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
} from "live-stash/adapter";
import { forgetScript } from "./lua/forget.ts";
import { keepAliveScript } from "./lua/keep-alive.ts";
import { loadScript } from "./lua/load.ts";
import { saveScript } from "./lua/save.ts";
import { readOutcome } from "./lua/script.ts";
import { RedisReplyError, unexpectedReply } from "./redis-errors.ts";
import { parseRedisOptions, type RedisAdapterOptions } from "./redis-options.ts";
import { ScriptRunner } from "./script-runner.ts";
import {
  createValueCodec,
  createWriteNumbers,
  deadlineText,
  ownerText,
  stashName,
  writeNumberText,
} from "./stored-value.ts";

/** The approximate size of a run without its value: a key, an owner and two numbers. */
const SMALL_RUN_BYTES = 128;

/**
 * Stores stashes in Redis (6.2 or newer) or Valkey: every node finds them, and they survive deploys.
 * The adapter needs one round trip for each save and each load, and connects at its first call.
 *
 * Calls reject with a `StashError` of code `adapter_unavailable`, `adapter_timeout` or
 * `adapter_closed`, after `timeoutMs` at the latest (`keepAlive`: for each 500 stashes). A call that
 * has timed out may still take effect. Then it neither takes a stash from its owner nor undoes what the
 * owner has done since.
 *
 * Throws a `StashError` with `invalid_option`, or with `missing_secret` in production.
 */
export function createRedisAdapter(options: RedisAdapterOptions): StashAdapter {
  const settings = parseRedisOptions(options);
  const { clock, keyPrefix, maxRecordBytes, durability, sealer } = settings;
  const runner = new ScriptRunner({ ...settings, durability: undefined });
  // A save that waits for replicas blocks its connection, and recoveries must not wait with it.
  const saveRunner = durability === undefined ? runner : new ScriptRunner(settings);
  const values = createValueCodec(sealer);
  const nextWriteNumber = createWriteNumbers(clock);

  async function save(request: SaveRequest): Promise<SaveOutcome> {
    const { id, record, create, expiresAtMs } = request;
    if (record.length > maxRecordBytes) return { status: "full" };
    const name = stashName(id);
    const owner = ownerText(request.owner);
    const writeNumber = writeNumberText(nextWriteNumber());
    const value = values.encode(name, owner, writeNumber, record);
    try {
      const reply = await saveRunner.run({
        operation: "save",
        script: saveScript,
        key: keyPrefix + name,
        args: [owner, writeNumber, value, deadlineText(expiresAtMs), create ? "1" : "0"],
        byteLength: SMALL_RUN_BYTES + value.length,
        isDurable: true,
      });
      return { status: outcomeOf("save", reply, "saved") };
    } catch (error) {
      if (error instanceof RedisReplyError && error.replyCode === "OOM") return { status: "full" };
      throw error;
    }
  }

  async function load({ id, owner, expiresAtMs }: LoadRequest): Promise<LoadOutcome> {
    const name = stashName(id);
    const reply = await runner.run({
      operation: "load",
      script: loadScript,
      key: keyPrefix + name,
      args: [ownerText(owner), writeNumberText(nextWriteNumber()), deadlineText(expiresAtMs)],
      byteLength: SMALL_RUN_BYTES,
    });
    if (Buffer.isBuffer(reply)) return { status: "loaded", record: values.decode(name, reply) };
    const outcome = outcomeOf("load", reply, undefined);
    return { status: outcome === "absent" ? "absent" : "superseded" };
  }

  async function keepAliveOne(request: KeepAliveRequest): Promise<KeepAliveOutcome> {
    const { id, owner, expiresAtMs } = request;
    const reply = await runner.run({
      operation: "keepAlive",
      script: keepAliveScript,
      key: keyPrefix + stashName(id),
      args: [ownerText(owner), deadlineText(expiresAtMs)],
      byteLength: SMALL_RUN_BYTES,
    });
    return outcomeOf("keepAlive", reply, "kept");
  }

  /** Sends the requests in groups of one command each, so that other calls can be sent in between. */
  async function keepAlive(
    requests: readonly KeepAliveRequest[],
  ): Promise<readonly KeepAliveOutcome[]> {
    const groupLength = keepAliveScript.maxKeys;
    const outcomes: KeepAliveOutcome[] = [];
    for (let from = 0; from < requests.length; from += groupLength) {
      const group = requests.slice(from, from + groupLength);
      outcomes.push(...(await Promise.all(group.map(keepAliveOne))));
    }
    return outcomes;
  }

  async function forget({ id, owner }: ForgetRequest): Promise<ForgetOutcome> {
    const reply = await saveRunner.run({
      operation: "forget",
      script: forgetScript,
      key: keyPrefix + stashName(id),
      args: [ownerText(owner), writeNumberText(nextWriteNumber())],
      byteLength: SMALL_RUN_BYTES,
    });
    return outcomeOf("forget", reply, "forgotten");
  }

  return {
    name: "redis",
    capabilities: {
      sharedAcrossNodes: true,
      survivesRestart: true,
      browserHolds: "reference",
      needsKeepAlive: true,
      maxBytes: maxRecordBytes,
    },
    save,
    load,
    keepAlive,
    forget,
    async close() {
      await Promise.all([runner.close(), saveRunner.close()]);
    },
  };
}

/**
 * Returns the outcome that a script replied. Throws `adapter_unavailable` for any other reply.
 *
 * @param done the outcome if the script did what was asked; `undefined` if it replies that with a value
 */
function outcomeOf<Done extends string>(
  operation: string,
  reply: unknown,
  done: Done | undefined,
): Done | "absent" | "not_owner" {
  const outcome = readOutcome(reply);
  const result = outcome === "done" ? done : outcome;
  if (result === undefined) throw unexpectedReply(operation);
  return result;
}
