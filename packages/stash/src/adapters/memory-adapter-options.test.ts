import { expect, it } from "vitest";
import { PeerHub } from "../../test/peer-hub.ts";
import { StashError } from "../index.ts";
import { parseMemoryOptions } from "./memory-adapter-options.ts";
import { parseHandOverOptions } from "../peers/hand-over.ts";

const peers = new PeerHub().join();

it.each<[object, string]>([
  [{ maxBytes: 0 }, "a whole number of at least 1"],
  [{ peers: "http://10.0.0.1" }, "a network of nodes, got a string"],
  [{ peers: {} }, "a network of nodes, got an object"],
  [{ peers, maxRecordBytes: 6_291_457 }, "at most 6291456 with `peers`"],
  [{ lookupTimeoutMs: -1 }, "a whole number from 1 to 2147483647"],
  [{ lookupTimeoutMs: 2 ** 31 }, "a whole number from 1 to 2147483647"],
  [{ nodes: [] }, "got another name"],
])("createMemoryAdapter() rejects %j", (options, message) => {
  const parse = (): unknown => parseMemoryOptions(options);
  expect(parse).toThrow(StashError);
  expect(parse).toThrow(message);
});

it("a node without peers may store records of any size, one with peers only those that fit a message", () => {
  expect(parseMemoryOptions({ maxRecordBytes: 100_000_000 }).maxRecordBytes).toBe(100_000_000);
  const { maxRecordBytes, lookupTimeoutMs } = parseMemoryOptions({ peers });
  expect({ maxRecordBytes, lookupTimeoutMs }).toEqual({
    maxRecordBytes: 4_194_304,
    lookupTimeoutMs: 500,
  });
});

it.each<[object, string]>([
  [{ batchBytes: 1.5 }, "a whole number"],
  [{ batchTimeoutMs: 2 ** 31 }, "a whole number from 1 to 2147483647"],
])("handOver() rejects %j", (options, message) => {
  expect(() => parseHandOverOptions(options)).toThrow(message);
});
