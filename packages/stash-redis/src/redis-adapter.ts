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
import { connect } from "./connect.ts";
import { deadlineText } from "./deadline-text.ts";
import { keepAllAlive } from "./keep-all-alive.ts";
import { forgetScript } from "./lua/forget.ts";
import { keepAliveScript } from "./lua/keep-alive.ts";
import { loadScript } from "./lua/load.ts";
import { saveScript } from "./lua/save.ts";
import { RedisReplyError } from "./redis-errors.ts";
import { parseRedisOptions, type RedisAdapterOptions } from "./redis-options.ts";
import type { RedisScript } from "./redis-script.ts";
import { stashOutcome, unexpectedReply } from "./script-replies.ts";
import type { ScriptRun } from "./script-run.ts";
import { stashName } from "./stash-key.ts";
import { ownerText, turnText } from "./stash-value.ts";
import { createTurns } from "./turns.ts";
import { createValueCodec } from "./value-codec.ts";

/** What a run without a value takes, roughly. */
const SMALL_RUN_BYTES = 128;

/**
 * Keeps stashes in Redis (6.2 or newer) or Valkey: every node finds them, and they survive deploys.
 * One round trip for each save and each load; connects when it is first used.
 *
 * Calls reject with a `StashError` of code `adapter_unavailable`, `adapter_timeout` or
 * `adapter_closed`, after `timeoutMs` at the latest (`keepAlive`: for each 500 stashes). What was
 * given up may still take effect; it then neither takes a stash from its owner nor undoes what the
 * owner did since.
 *
 * Throws a `StashError` with `invalid_option`, or with `missing_secret` in production.
 */
export function createRedisAdapter(options: RedisAdapterOptions): StashAdapter {
  const settings = parseRedisOptions(options);
  const { clock, keyPrefix, maxRecordBytes } = settings;
  const connection = connect(settings);
  // A save that waits for replicas holds up its connection, and no recovery is to wait with it.
  const saves = settings.durability === undefined ? connection : connect(settings, "durable");
  const values = createValueCodec(settings.sealer);
  const takeTurn = createTurns(clock);

  async function save(request: SaveRequest): Promise<SaveOutcome> {
    const { id, record, create, expiresAtMs } = request;
    if (record.length > maxRecordBytes) return { status: "full" };
    const owner = ownerText(request.owner);
    const turn = turnText(takeTurn());
    const name = stashName(id);
    const key = keyPrefix + name;
    const value = values.encode(name, owner, turn, record);
    try {
      const reply = await saves.run({
        operation: "save",
        script: saveScript,
        key,
        args: [owner, turn, value, deadlineText(expiresAtMs), create ? "1" : "0"],
        isDurable: true,
        byteLength: SMALL_RUN_BYTES + value.length,
      });
      return { status: stashOutcome("save", reply, "saved") };
    } catch (error) {
      if (error instanceof RedisReplyError && error.replyCode === "OOM") return { status: "full" };
      throw error;
    }
  }

  async function load({ id, owner, expiresAtMs }: LoadRequest): Promise<LoadOutcome> {
    const name = stashName(id);
    const reply = await connection.run({
      ...smallRun("load", loadScript),
      key: keyPrefix + name,
      args: [ownerText(owner), turnText(takeTurn()), deadlineText(expiresAtMs)],
    });
    if (Buffer.isBuffer(reply)) {
      return { status: "loaded", record: values.decode(name, reply) };
    }
    const outcome = stashOutcome("load", reply, "loaded");
    if (outcome === "loaded") throw unexpectedReply("load");
    return { status: outcome === "absent" ? "absent" : "superseded" };
  }

  async function keepAlive(request: KeepAliveRequest): Promise<KeepAliveOutcome> {
    const { id, owner, expiresAtMs } = request;
    const reply = await connection.run({
      ...smallRun("keepAlive", keepAliveScript),
      key: keyPrefix + stashName(id),
      args: [ownerText(owner), deadlineText(expiresAtMs)],
    });
    return stashOutcome("keepAlive", reply, "kept");
  }

  async function forget({ id, owner }: ForgetRequest): Promise<ForgetOutcome> {
    const reply = await saves.run({
      ...smallRun("forget", forgetScript),
      key: keyPrefix + stashName(id),
      args: [ownerText(owner), turnText(takeTurn())],
    });
    return stashOutcome("forget", reply, "forgotten");
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
    keepAlive: (requests) => keepAllAlive(requests, keepAlive),
    forget,
    async close() {
      await Promise.all([connection.close(), saves.close()]);
    },
  };
}

function smallRun(
  operation: string,
  script: RedisScript,
): Pick<ScriptRun, "operation" | "script" | "byteLength"> {
  return { operation, script, byteLength: SMALL_RUN_BYTES };
}
