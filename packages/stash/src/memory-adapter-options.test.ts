import { expect, it } from "vitest";
import { PeerHub } from "../test/peer-hub.ts";
import { StashError } from "./index.ts";
import { parseMemoryOptions } from "./memory-adapter-options.ts";
import { parseHandOverOptions } from "./peers/hand-over.ts";

const peers = new PeerHub().join();

it.each<[object, string]>([
  [{ maxBytes: 0 }, "a whole number from 1 on"],
  [{ peers: "http://10.0.0.1" }, "a network of nodes, found a string"],
  [{ peers: {} }, "a network of nodes, found an object"],
  [{ peers, maxRecordBytes: 6_291_457 }, "at most 6291456 with `peers`"],
  [{ lookupTimeoutMs: -1 }, "a whole number from 1 on"],
  [{ lookupTimeoutMs: 2 ** 31 }, "the longest time of a timer"],
  [{ nodes: [] }, "an option of another name"],
])("%j is refused", (options, message) => {
  const parse = (): unknown => parseMemoryOptions(options);
  expect(parse).toThrow(StashError);
  expect(parse).toThrow(message);
});

it("records of any size are for a node alone, and of what a message holds for several", () => {
  expect(parseMemoryOptions({ maxRecordBytes: 100_000_000 }).maxRecordBytes).toBe(100_000_000);
  const { maxRecordBytes, lookupTimeoutMs } = parseMemoryOptions({ peers });
  expect({ maxRecordBytes, lookupTimeoutMs }).toEqual({
    maxRecordBytes: 4_194_304,
    lookupTimeoutMs: 500,
  });
});

it.each<[object, string]>([
  [{ batchBytes: 1.5 }, "a whole number"],
  [{ batchTimeoutMs: 2 ** 31 }, "the longest time of a timer"],
])("handing over with %j is refused", (options, message) => {
  expect(() => parseHandOverOptions(options)).toThrow(message);
});
