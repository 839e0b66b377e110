import type { LinkSource } from "../nats-link.ts";
import { type NatsSourceOptions, parseSource, SOURCE_OPTIONS } from "../nats-source.ts";
import { wrongOption } from "../wrong-option.ts";

/** How the nodes of an application reach each other over NATS. */
export interface PeersOverNatsOptions extends NatsSourceOptions {
  /** What every subject begins with; one for each application. Default "ls". */
  readonly prefix?: string;
  /**
   * What everything is sealed with. At least 32 characters. Several: the first seals, all open.
   * Default: the environment variable `LIVE_STASH_SECRET`, as for `liveStash()`.
   */
  readonly secret?: string | readonly string[];
}

export interface PeersOverNatsSettings {
  readonly source: LinkSource;
  readonly prefix: string;
  readonly secret: string | readonly string[] | undefined;
}

const of = "peersOverNats";
const OPTIONS: readonly string[] = [...SOURCE_OPTIONS, "prefix", "secret"];

/** Rejects with `invalid_option`. */
export function parsePeersOptions(options: PeersOverNatsOptions): PeersOverNatsSettings {
  if (typeof options !== "object" || options === null) {
    throw wrongOption(of, "options", "an object", typeof options);
  }
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw wrongOption(of, unknown, `one of ${OPTIONS.join(", ")}`, "another name");
  }
  const prefix: unknown = options.prefix ?? "ls";
  if (typeof prefix !== "string" || !/^[\w-]{1,32}$/.test(prefix)) {
    throw wrongOption(of, "prefix", "1 to 32 characters of A-Z a-z 0-9 _ -", "others");
  }
  return { source: parseSource(of, options, prefix), prefix, secret: options.secret };
}
