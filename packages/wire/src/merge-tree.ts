import { applyStream, idOfElement } from "./client-stream.ts";
import {
  malformed,
  printPart,
  type Components,
  type List,
  type Node,
  type Part,
  type Stream,
  type TreeState,
} from "./rendered-tree.ts";
import type {
  WireComponent,
  WireComprehension,
  WireDynamics,
  WireEntry,
  WireNode,
  WireStatics,
  WireTemplates,
  WireTree,
} from "./tree.ts";

type Templates = WireTemplates | undefined;
type OnceComplete = (apply: (components: Components) => void) => void;

/** Merges a diff into a tree and returns the new tree. */
export function mergeTree(state: TreeState, diff: WireTree): TreeState {
  const streams: ((components: Components) => void)[] = [];
  const merger = new Merger((apply) => streams.push(apply));
  // A new outermost template removes all components.
  const isNew = diff.s !== undefined;
  const { r: _reply, ...top } = diff;
  const root = merger.node(top, isNew ? undefined : state.root, undefined);
  const before: Components = isNew ? new Map() : state.components;
  const components = diff.c === undefined ? before : merger.components(diff.c, before);
  for (const apply of streams) apply(components);
  return { root, components };
}

class Merger {
  readonly #onceComplete: OnceComplete;

  constructor(onceComplete: OnceComplete) {
    this.#onceComplete = onceComplete;
  }

  node(wire: WireNode, old: Part | undefined, above: Templates): Node {
    const templates = wire.p ?? above;
    if (wire.s !== undefined) {
      const statics = staticsOf(wire.s, templates);
      const dynamics = this.#dynamics(wire, [], statics.length - 1, templates);
      return { kind: "node", statics, dynamics, isElement: wire.r === 1 };
    }
    if (typeof old !== "object" || old.kind !== "node") {
      return malformed("a node with `s`, as there is none to merge into", "one without");
    }
    const { statics, dynamics } = old;
    return { ...old, dynamics: this.#dynamics(wire, dynamics, statics.length - 1, templates) };
  }

  components(diffs: Readonly<Record<number, WireComponent>>, before: Components): Components {
    const merged = new Map<number, Node>();
    const merge = (cid: number): Node => {
      const done = merged.get(cid);
      if (done !== undefined) return done;
      const diff = diffs[cid] ?? malformed(`component ${cid} in the same diff`, "none");
      const node = this.#component(diff, cid, before, merge);
      merged.set(cid, node);
      return node;
    };
    return new Map([
      ...before,
      ...Object.keys(diffs).map((cid) => [Number(cid), merge(Number(cid))] as const),
    ]);
  }

  #component(
    diff: WireComponent,
    cid: number,
    before: Components,
    merge: (cid: number) => Node,
  ): Node {
    const { s: pointer, ...rest } = diff;
    if (typeof pointer !== "number") return this.node(diff, before.get(cid), undefined);
    const base = pointer > 0 ? merge(pointer) : before.get(-pointer);
    return this.node(rest, base, undefined);
  }

  #part(wire: unknown, old: Part | undefined, templates: Templates): Part {
    if (typeof wire === "string") return wire;
    if (typeof wire === "number" && Number.isInteger(wire) && wire > 0) return wire;
    if (typeof wire !== "object" || wire === null) {
      return malformed("text, a component id from 1 or a node", String(wire));
    }
    return "k" in wire
      ? this.#list(wire as WireComprehension, old, templates)
      : this.node(wire as WireNode, old, templates);
  }

  #dynamics(
    wire: WireDynamics,
    old: readonly Part[],
    count: number,
    templates: Templates,
  ): readonly Part[] {
    return Array.from({ length: count }, (_, index) => {
      const change = wire[index];
      if (change !== undefined) return this.#part(change, old[index], templates);
      return old[index] ?? malformed(`dynamic ${index} of a new node`, "none");
    });
  }

  #list(wire: WireComprehension, old: Part | undefined, above: Templates): List {
    const known = typeof old === "object" && old.kind === "list" ? old : undefined;
    const base = wire.s === undefined ? known : undefined;
    // A list's own statics are looked up above the list, those within its entries there first.
    const statics =
      wire.s === undefined
        ? (base?.statics ?? malformed("a list with `s`, as there is none to merge into", "none"))
        : staticsOf(wire.s, above);
    const entries = this.#entries(wire, base?.entries ?? [], statics, above ?? wire.p);
    if (wire.stream === undefined) {
      return { kind: "list", statics, entries, stream: base?.stream };
    }
    return this.#stream(wire.stream, statics, entries, known?.stream);
  }

  #entries(
    wire: WireComprehension,
    old: List["entries"],
    statics: WireStatics,
    templates: Templates,
  ): List["entries"] {
    const { kc: count, km: isMoved } = wire.k;
    if (typeof count !== "number") malformed("a list with its count `kc`", "none");
    return Array.from({ length: count }, (_, position) => {
      const entry: WireEntry | undefined = wire.k[position];
      if (entry === undefined) {
        return old[position] ?? malformed(`entry ${position} of a list`, "none");
      }
      const [from, change] = readEntry(entry, position);
      if (from !== position && isMoved !== true) malformed("`km` with a moved entry", "none");
      const base = old[from] ?? [];
      return this.#dynamics(change, base, statics.length - 1, templates);
    });
  }

  #stream(
    wire: NonNullable<WireComprehension["stream"]>,
    statics: WireStatics,
    entries: List["entries"],
    old: Stream | undefined,
  ): List {
    const [ref] = wire;
    const stream: Stream = { ref, items: old?.ref === ref ? old.items : [] };
    this.#onceComplete((components) => {
      const rendered = entries.map((dynamics) => {
        const content: Node = { kind: "node", statics, dynamics, isElement: false };
        return { id: idOfElement(printPart(content, components)), content };
      });
      stream.items = applyStream(stream.items, wire, rendered);
    });
    return { kind: "list", statics, entries: [], stream };
  }
}

const NO_CHANGE: WireDynamics = {};

function readEntry(entry: WireEntry, position: number): readonly [number, WireDynamics] {
  if (typeof entry === "number") return [entry, NO_CHANGE];
  return isMove(entry) ? entry : [position, entry];
}

const isMove = (entry: object): entry is readonly [number, WireDynamics] => Array.isArray(entry);

function staticsOf(statics: WireStatics | number, templates: Templates): WireStatics {
  if (typeof statics !== "number") return statics;
  return templates?.[statics] ?? malformed(`template ${statics} in a \`p\` above`, "none");
}
