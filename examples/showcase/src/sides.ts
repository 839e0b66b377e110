import { isDeepStrictEqual } from "node:util";

/** The two halves of every page: `kept` is stashed, `lost` is not. */
export type SideName = "kept" | "lost";

/** The same kind of state, once for each half. */
export interface Sides<State> {
  readonly kept: State;
  readonly lost: State;
}

/** Parses the half of the page that an event is for. The value comes from the page and is not trusted. */
export function parseSide(value: unknown): SideName {
  return value === "lost" ? "lost" : "kept";
}

/**
 * Changes one side. While both sides are equal, the other side changes as well, so that a visitor acts only
 * once. As soon as they differ, each changes alone.
 */
export function changeSide<State>(
  { kept, lost }: Sides<State>,
  side: SideName,
  change: (state: State) => State,
): Sides<State> {
  if (isDeepStrictEqual(kept, lost)) return bothSides(change(kept));
  return side === "kept" ? { kept: change(kept), lost } : { kept, lost: change(lost) };
}

/** Returns both sides in the same state. */
export function bothSides<State>(state: State): Sides<State> {
  return { kept: state, lost: state };
}
