import fc from "fast-check";

/** Changes a text; `others` are texts to take parts from. */
export type Mutation = (text: string, others: readonly string[]) => string;

const at = (text: string, fraction: number): number => Math.floor(text.length * fraction);
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const ALPHABET =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~=+/. %\u0000ü\ud800";
const character = fc.constantFrom(...ALPHABET.split(""));

/** One mutation of a token: the tricks of attackers, and the damage of bad connections and copies. */
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ where: fraction, character }).map(({ where, character: changed }): Mutation => {
    return (text) => text.slice(0, at(text, where)) + changed + text.slice(at(text, where) + 1);
  }),
  fc.record({ where: fraction, character }).map(({ where, character: added }): Mutation => {
    return (text) => text.slice(0, at(text, where)) + added + text.slice(at(text, where));
  }),
  fc.record({ from: fraction, to: fraction }).map(({ from, to }): Mutation => {
    return (text) => text.slice(0, at(text, from)) + text.slice(at(text, to));
  }),
  fraction.map(
    (to): Mutation =>
      (text) =>
        text.slice(0, at(text, to)),
  ),
  fraction.map(
    (from): Mutation =>
      (text) =>
        text.slice(at(text, from)),
  ),
  fc.record({ where: fraction, which: fc.nat() }).map(({ where, which }): Mutation => {
    return (text, others) => {
      const other = others[which % others.length] ?? "";
      return text.slice(0, at(text, where)) + other.slice(at(other, where));
    };
  }),
  // The parts of two state tokens, exchanged.
  fc.nat().map((which): Mutation => {
    return (text, others) => {
      const [, expiry = ""] = (others[which % others.length] ?? "").split("~");
      return `${text.split("~")[0]}~${expiry}`;
    };
  }),
  // One bit of the bytes, spelled correctly.
  fc.record({ where: fraction, bit: fc.nat(7) }).map(({ where, bit }): Mutation => {
    return (text) => {
      const [first = "", ...rest] = text.split("~");
      const bytes = Buffer.from(first, "base64url");
      const byte = Math.min(Math.floor(bytes.length * where), bytes.length - 1);
      if (byte >= 0) bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
      return [bytes.toString("base64url"), ...rest].join("~");
    };
  }),
  fc.constantFrom<Mutation>(
    (text) => text,
    (text) => text + text,
    (text) => `${text}~`,
    (text) => text.toUpperCase(),
    (text) => text.replaceAll("-", "+").replaceAll("_", "/"),
    (text) => text.padEnd(text.length + 4_000, "A"),
    (text) => text.split("").reverse().join(""),
  ),
);
