import { types } from "node:util";
import { typedArrayName } from "./typed-arrays.ts";

/**
 * The rich form of a state: a JSON array of nodes, the state itself first, in which containers
 * name each other by index. So shared and cyclic references keep their identity.
 *
 * A slot is what stands for one value: JSON strings, numbers, booleans and `null` are themselves;
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
