import type {
  ForgetOutcome,
  ForgetRequest,
  LoadOutcome,
  LoadRequest,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
} from "live-stash";
import { connect } from "./connect.ts";
import { keepAllAlive } from "./keep-all-alive.ts";
import { forgetScript } from "./lua/forget.ts";
import { loadScript } from "./lua/load.ts";
import { saveScript } from "./lua/save.ts";
import { RedisReplyError } from "./redis-errors.ts";
import { parseRedisOptions, type RedisAdapterOptions } from "./redis-options.ts";
import { stashOutcome, unexpectedReply } from "./script-replies.ts";
import { stashName } from "./stash-key.ts";
import { ownerText, turnText } from "./stash-value.ts";
import { timeToLive } from "./time-to-live.ts";
import { createTurns } from "./turns.ts";
import { createValueCodec } from "./value-codec.ts";

/** The value in Redis is larger than the record by its header and, encrypted, the seal. */
const SMALL_COMMAND_BYTES = 128;

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
  const { clock, isCluster, keyPrefix, maxRecordBytes } = settings;
  const connection = connect(settings);
  const values = createValueCodec(settings.sealer);
  const takeTurn = createTurns(clock);
  const keyOf = (id: string): string => keyPrefix + stashName(id);

  async function save(request: SaveRequest): Promise<SaveOutcome> {
    const { id, record, create, expiresAtMs } = request;
    if (record.length > maxRecordBytes) return { status: "full" };
    const owner = ownerText(request.owner);
    const turn = turnText(takeTurn());
    const name = stashName(id);
    const key = keyPrefix + name;
    const value = values.encode(name, turn, owner, record);
    const nowMs = clock.now();
    try {
      const reply = await connection.run({
        operation: "save",
        script: saveScript,
        keys: [key],
        args: [value, timeToLive(expiresAtMs, nowMs), String(nowMs), create ? "1" : "0"],
        byteLength: SMALL_COMMAND_BYTES + value.length,
        onLateReply: create ? () => withdraw(key, owner, turn) : undefined,
      });
      return { status: stashOutcome("save", reply, "saved") };
    } catch (error) {
      if (error instanceof RedisReplyError && error.replyCode === "OOM") return { status: "full" };
      throw error;
    }
  }

  /** Nobody was told of a stash that was created too late, so no browser will ever name it. */
  function withdraw(key: string, owner: string, turn: string): void {
    const args = [owner, turn];
    connection
      .run({ ...smallCommand("save"), script: forgetScript, keys: [key], args })
      .catch(() => {
        // It expires by itself.
      });
  }

  async function load({ id, owner, expiresAtMs }: LoadRequest): Promise<LoadOutcome> {
    const name = stashName(id);
    const nowMs = clock.now();
    const reply = await connection.run({
      ...smallCommand("load"),
      script: loadScript,
      keys: [keyPrefix + name],
      args: [
        turnText(takeTurn()) + ownerText(owner),
        timeToLive(expiresAtMs, nowMs),
        String(nowMs),
      ],
    });
    if (reply === null) return { status: "absent" };
    if (!Buffer.isBuffer(reply)) throw unexpectedReply("load");
    return { status: "loaded", record: values.decode(name, reply) };
  }

  async function forget({ id, owner }: ForgetRequest): Promise<ForgetOutcome> {
    const reply = await connection.run({
      ...smallCommand("forget"),
      script: forgetScript,
      keys: [keyOf(id)],
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
    keepAlive: (requests) => keepAllAlive({ connection, keyOf, clock, isCluster }, requests),
    forget,
    close: () => connection.close(),
  };
}

function smallCommand<Operation extends string>(
  operation: Operation,
): { readonly operation: Operation; readonly byteLength: number } {
  return { operation, byteLength: SMALL_COMMAND_BYTES };
}
