import { hash } from "node:crypto";
import type { StashId } from "live-stash";

/**
 * The subjects of one application: everything begins with the name of its stream. They are part of
 * every message, some of them several times on its way, so they are short.
 */
export interface Subjects {
  /** Of all that is stored. */
  readonly stored: readonly string[];
  /** Of one stash. */
  stash(name: string): string;
  /** Of one node's sign of life. */
  node(node: string): string;
  /** Of what is only stored to be given a sequence. */
  readonly probe: string;
  /** Where the servers are asked to let go of messages. */
  readonly purge: string;
  /** Of what one node is sent for its mirror. */
  delivery(name: string): string;
  /** Of the acknowledgements for one node. */
  reply(node: string): string;
  /** The name in the subject of a stash, and that in a node's. */
  stashOf(subject: string): string | undefined;
  nodeOf(subject: string): string | undefined;
}

export function subjectsOf(stream: string): Subjects {
  const [stash, node, probe] = [`${stream}.s.`, `${stream}.n.`, `${stream}.p`];
  const after = (prefix: string, subject: string): string | undefined =>
    subject.startsWith(prefix) ? subject.slice(prefix.length) : undefined;
  return {
    stored: [`${stash}*`, `${node}*`, probe],
    stash: (name) => stash + name,
    node: (name) => node + name,
    probe,
    purge: `$JS.API.STREAM.PURGE.${stream}`,
    delivery: (name) => `${stream}.m.${name}`,
    reply: (name) => `${stream}.r.${name}`,
    stashOf: (subject) => after(stash, subject),
    nodeOf: (subject) => after(node, subject),
  };
}

const NAME_CHARACTERS = 16;

/**
 * The name of a stash on the servers: 96 bits of SHA-256 of its id. Who reads subjects does not learn
 * the ids that browsers' strings carry, and no two of a billion stashes share a name.
 */
export function stashName(id: StashId): string {
  return hash("sha256", id, "base64url").slice(0, NAME_CHARACTERS);
}
