import { isDeepStrictEqual } from "node:util";

/** The two halves of every page: `kept` is stashed, `lost` is not. */
export type SideName = "kept" | "lost";

/** The same thing twice. */
export interface Sides<State> {
  readonly kept: State;
  readonly lost: State;
}

/** The half of the page that an event is for. The value comes from the page and is not trusted. */
export function parseSide(value: unknown): SideName {
  return value === "lost" ? "lost" : "kept";
}

/**
 * Changes one side. As long as both are the same, the other follows, so that nobody has to do
 * everything twice; once they differ, each goes its own way.
 */
export function changeSide<State>(
  { kept, lost }: Sides<State>,
  side: SideName,
  change: (state: State) => State,
): Sides<State> {
  if (isDeepStrictEqual(kept, lost)) return bothSides(change(kept));
  return side === "kept" ? { kept: change(kept), lost } : { kept, lost: change(lost) };
}

/** Both sides in the same state. */
export function bothSides<State>(state: State): Sides<State> {
  return { kept: state, lost: state };
}
