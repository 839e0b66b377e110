/** The static HTML around the dynamics of a node: one more than there are dynamics. */
export type WireStatics = readonly string[];

/** Statics shared by number: `s: 0` refers to the entry `"0"`. */
export type WireTemplates = Readonly<Record<number, WireStatics>>;

/** The value of a dynamic: escaped HTML, a component id, or a nested node. */
export type WireDynamic = string | number | WireNode | WireComprehension;

/** The dynamics of a node, or of an entry of a comprehension, by their index. */
export interface WireDynamics {
  [index: number]: WireDynamic;
}

/**
 * A rendered node, or the difference to a node that the client has: with `s`, it replaces that node;
 * without `s`, it merges into that node, which has the same template.
 */
export interface WireNode extends WireDynamics {
  /** Statics, or the number of a template of the nearest `p` above. */
  s?: WireStatics | number;
  /** Templates for the numbers in `s` of this node and below, in this diff only. */
  p?: WireTemplates;
  /** The node renders exactly one element. Only together with `s`, and never at a tree's top level. */
  r?: 1;
}

/**
 * An entry of a comprehension, at its new position: changed or new dynamics, the old position of
 * a moved entry, or both.
 */
export type WireEntry = WireDynamics | number | readonly [from: number, change: WireDynamics];

/** The entries of a comprehension by their new position; entries that stay are left out. */
export interface WireEntries {
  /** The new number of entries. */
  kc: number;
  /** Present if any entry moved. */
  km?: true;
  [position: number]: WireEntry;
}

/** One stream insert: the element's id, position, limit, and whether to ignore unknown ids. */
export type WireStreamInsert = readonly [
  domId: string,
  at: number,
  limit: number | null,
  updateOnly: boolean | null,
];

/** A stream diff, for items that only the DOM stores. A fourth element resets the stream. */
export type WireStream =
  | readonly [ref: string, inserts: readonly WireStreamInsert[], deleteIds: readonly string[]]
  | readonly [
      ref: string,
      inserts: readonly WireStreamInsert[],
      deleteIds: readonly string[],
      reset: true,
    ];

/** A rendered list, or the difference to one: `s` holds the statics of one entry. */
export interface WireComprehension {
  /** Statics of one entry; a number is looked up above this node, not in its own `p`. */
  s?: WireStatics | number;
  /** Templates for the numbers in `s` within the entries. */
  p?: WireTemplates;
  k: WireEntries;
  stream?: WireStream;
}

/** A component's tree: a numeric `s` points to the component whose statics it borrows. */
export type WireComponent = WireNode;

/** A pushed event: its name, its payload, and `true` to dispatch it before the patch. */
export type WireEvent =
  | readonly [name: string, payload: unknown]
  | readonly [name: string, payload: unknown, beforePatch: true];

/** The tree of a join reply or a diff, with the parts that only its top level has. */
export interface WireTree extends WireDynamics {
  s?: WireStatics | number;
  p?: WireTemplates;
  /** Components by their id. */
  c?: Readonly<Record<number, WireComponent>>;
  /** Events for the page. */
  e?: readonly WireEvent[];
  /** The reply for the hook that pushed the event. */
  r?: unknown;
  /** The page title. */
  t?: string;
}
