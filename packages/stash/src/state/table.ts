import { types } from "node:util";
import { isTypedArrayName, MAX_DEPTH, TYPED_ARRAYS, typedArrayName } from "./inspect-state.ts";
import { unreadable } from "../errors.ts";

/**
 * Encodes a state as a table: a JSON array of nodes, the state itself first, in which containers
 * refer to each other by index. Shared and cyclic references keep their identity.
 *
 * A slot encodes one value: JSON strings, numbers, booleans and `null` are themselves;
 * `[7]` is node 7; `["u"]` undefined; `["n"]` NaN; `["+"]` and `["-"]` the infinities; `["z"]` -0;
 * `["b", "12"]` a bigint.
 *
 * A node is `["o", key, slot, …]` an object, `["p", …]` one without prototype, `["a", slot, …]` an
 * array, `["m", slot, slot, …]` a Map, `["s", slot, …]` a Set, `["d", ms]` a Date,
 * `["r", base64]` an ArrayBuffer, `["t", name, base64]` a typed array.
 */
export function encodeTable(state: object): string {
  const table: Table = { nodes: [], indexes: new Map() };
  writeNode(table, state);
  return JSON.stringify(table.nodes);
}

interface Table {
  readonly nodes: (readonly unknown[])[];
  readonly indexes: Map<object, number>;
}

function writeSlot(table: Table, value: unknown): unknown {
  if (typeof value === "number") return writeNumber(value);
  if (value === undefined) return ["u"];
  if (typeof value === "bigint") return ["b", value.toString()];
  if (typeof value !== "object" || value === null) return value;
  return [table.indexes.get(value) ?? writeNode(table, value)];
}

function writeNumber(value: number): unknown {
  if (Number.isNaN(value)) return ["n"];
  if (value === Infinity) return ["+"];
  if (value === -Infinity) return ["-"];
  return Object.is(value, -0) ? ["z"] : value;
}

function writeNode(table: Table, value: object): number {
  const index = table.nodes.length;
  table.indexes.set(value, index);
  const node: unknown[] = [];
  table.nodes.push(node);
  fillNode(table, node, value);
  return index;
}

function fillNode(table: Table, node: unknown[], value: object): void {
  if (Array.isArray(value)) {
    node.push("a");
    for (let index = 0; index < value.length; index += 1) node.push(writeSlot(table, value[index]));
  } else if (types.isMap(value)) {
    node.push("m");
    for (const [key, item] of value) node.push(writeSlot(table, key), writeSlot(table, item));
  } else if (types.isSet(value)) {
    node.push("s");
    for (const item of value) node.push(writeSlot(table, item));
  } else if (types.isDate(value)) {
    node.push("d", value.getTime());
  } else if (types.isArrayBuffer(value)) {
    node.push("r", Buffer.from(value).toString("base64"));
  } else if (types.isTypedArray(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    node.push("t", typedArrayName(value), bytes.toString("base64"));
  } else {
    node.push(Object.getPrototypeOf(value) === null ? "p" : "o");
    for (const [key, item] of Object.entries(value)) node.push(key, writeSlot(table, item));
  }
}

/**
 * Decodes a state from its table (see `encodeTable`) without recursion: creates every container empty,
 * then fills them. Throws `unreadable_record` for a table that `encodeTable` cannot have written.
 */
export function decodeTable(nodes: unknown): object {
  if (!Array.isArray(nodes) || nodes.length === 0) throw unreadable("a table of values");
  const sources = nodes.map(parseNode);
  const reader: Reader = {
    values: sources.map(createEmpty),
    depths: new Int32Array(sources.length).fill(-1),
  };
  reader.depths[0] = 0;
  sources.forEach((source, index) => {
    // An earlier node refers to every node but the first, so the depth is known by now.
    const depth = reader.depths[index] ?? -1;
    if (depth < 0 || depth > MAX_DEPTH) throw unreadable(`at most ${MAX_DEPTH} nested levels`);
    fill(reader, source, index, depth + 1);
  });
  const root = reader.values[0];
  if (root === undefined || sources[0]?.[0] !== "o") throw unreadable("an object at the top");
  return root;
}

type Node = readonly [tag: string, ...rest: unknown[]];

interface Reader {
  readonly values: readonly object[];
  /** The depth of each node, or -1 if no node has referred to it yet. */
  readonly depths: Int32Array;
}

function parseNode(node: unknown): Node {
  if (!Array.isArray(node) || typeof node[0] !== "string") throw unreadable("a tagged value");
  return node as unknown as Node;
}

function createEmpty(node: Node): object {
  switch (node[0]) {
    case "o":
      return {};
    case "p":
      return Object.create(null) as object;
    case "a":
      return [];
    case "m":
      return new Map();
    case "s":
      return new Set();
    case "d":
      return new Date(typeof node[1] === "number" ? node[1] : Number.NaN);
    case "r":
      return parseBytes(node[1]);
    case "t":
      return parseTypedArray(node[1], node[2]);
    default:
      throw unreadable("a known kind of value");
  }
}

function parseBytes(base64: unknown): ArrayBuffer {
  if (typeof base64 !== "string") throw unreadable("bytes as base64");
  return new Uint8Array(Buffer.from(base64, "base64")).buffer;
}

function parseTypedArray(name: unknown, base64: unknown): object {
  const buffer = parseBytes(base64);
  if (!isTypedArrayName(name)) throw unreadable("a known typed array");
  const Typed = TYPED_ARRAYS[name];
  if (buffer.byteLength % Typed.BYTES_PER_ELEMENT !== 0) throw unreadable("whole elements");
  return new Typed(buffer);
}

function fill(reader: Reader, node: Node, index: number, depth: number): void {
  const target = reader.values[index];
  const isObject = node[0] === "o" || node[0] === "p";
  const step = isObject || node[0] === "m" ? 2 : 1;
  if (step === 2 && node.length % 2 === 0) throw unreadable("a value for each key");
  if (Array.isArray(target)) {
    for (let at = 1; at < node.length; at += 1) target.push(readSlot(reader, node[at], depth));
  } else if (target instanceof Map) {
    for (let at = 1; at < node.length; at += 2) {
      target.set(readSlot(reader, node[at], depth), readSlot(reader, node[at + 1], depth));
    }
  } else if (target instanceof Set) {
    for (let at = 1; at < node.length; at += 1) target.add(readSlot(reader, node[at], depth));
  } else if (isObject) {
    const record = target as Record<string, unknown>;
    for (let at = 1; at < node.length; at += 2) {
      const key = node[at];
      if (typeof key !== "string" || key === "__proto__") throw unreadable("a usable key");
      record[key] = readSlot(reader, node[at + 1], depth);
    }
  }
}

function readSlot(reader: Reader, slot: unknown, depth: number): unknown {
  if (!Array.isArray(slot)) {
    if (typeof slot === "object" && slot !== null) throw unreadable("a value or a reference");
    return slot;
  }
  const tag: unknown = slot[0];
  if (typeof tag === "number") {
    const value = reader.values[tag];
    if (value === undefined) throw unreadable("a reference to a value of the table");
    if (reader.depths[tag] === -1) reader.depths[tag] = depth;
    return value;
  }
  switch (tag) {
    case "u":
      return undefined;
    case "n":
      return Number.NaN;
    case "+":
      return Infinity;
    case "-":
      return -Infinity;
    case "z":
      return -0;
    case "b":
      return parseBigInt(slot[1]);
    default:
      throw unreadable("a known kind of value");
  }
}

function parseBigInt(digits: unknown): bigint {
  if (typeof digits !== "string" || !/^-?\d+$/.test(digits)) throw unreadable("a whole number");
  return BigInt(digits);
}
