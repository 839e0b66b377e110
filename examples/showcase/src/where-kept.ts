import type { Showcase } from "./showcase.ts";

/** The place of the main pages' stashes, and what happens to them when a process ends. */
export interface WhereKept {
  /** The footer's sentence. */
  readonly sentence: string;
  /** The effect of “Restart the server” on the stashes. */
  readonly atRestart: string;
}

/** Describes the place of the stashes, by the adapter's name. */
export function whereKept({ adapter, node }: Showcase): WhereKept {
  switch (adapter.name) {
    case "browser_held":
      return {
        sentence: "Stashes are kept in the page itself, sealed; the server keeps nothing.",
        atRestart: "Ends the process. What the page holds, the next process reads.",
      };
    case "redis":
      return {
        sentence: "Stashes are kept in Redis, which every process reaches.",
        atRestart: "Ends the process. Redis keeps what was stashed.",
      };
    case "nats":
      return {
        sentence: "Stashes are kept in NATS servers, of which any one may be lost.",
        atRestart: "Ends the process. NATS keeps what was stashed.",
      };
    default:
      if (node === undefined) {
        return {
          sentence:
            "Stashes are kept in the memory of the server’s process here; other adapters outlive it.",
          atRestart: "Ends the process, and with it what it holds in memory.",
        };
      }
      return {
        sentence:
          "Stashes are kept in the memory of the node that made them, and move to the node that asks.",
        atRestart: "Ends this node’s process, which first hands over what it holds.",
      };
  }
}
