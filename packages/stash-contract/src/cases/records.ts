import { deepEqual, equal } from "node:assert/strict";
import { assertAbsent, assertLoaded, newId, OTHER, SAMPLE, sampleRecord } from "../samples.ts";
import { type ContractGroup, unlessStored } from "../contract-case.ts";

/** The largest record that the tests try: 32 MiB, so that a test run fits into memory. */
const LARGEST_TRIED_BYTES = 33_554_432;

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Returns ids with all characters of base64url, ids that resemble other things, and ids that differ in case. */
function oddIds(): string[] {
  const random = newId().slice(0, 12);
  const alphabet = BASE64URL.match(/.{10}|.{4}$/g) ?? [];
  const odd = ["-".repeat(10), "_".repeat(10), "--version-", "__proto__-", "0000000000"];
  const twins = ["aaaaaaaaaa", "AAAAAAAAAA", "aaaaaaaaaA"];
  return [
    ...[...alphabet, ...odd].map((start) => start.padEnd(10, "-") + random),
    ...twins.map((end) => random + end),
  ];
}

export const records: ContractGroup = {
  name: "records",
  cases: [
    {
      name: "a stash that was never created is absent for every call, and no call creates it",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const id = newId();
        assertAbsent(await node.load(id, "one"));
        deepEqual(await node.save(id, "one"), { status: "absent" });
        equal(await node.keepAlive(id, "one"), "absent");
        equal(await node.forget(id, "one"), "absent");
        assertAbsent(await node.load(id, "one"));
      },
    },
    {
      name: "a record of any size, from empty to maxBytes, is loaded as it was saved",
      async run(bench) {
        const node = await bench.open();
        const largest = Math.min(node.adapter.capabilities.maxBytes, LARGEST_TRIED_BYTES);
        const sizes = [0, 1, 255, 256, 4_095, 65_536, 65_537].filter((bytes) => bytes < largest);
        for (const bytes of [...sizes, largest]) {
          const id = newId();
          const record = sampleRecord(bytes, bytes);
          equal((await node.create(id, "one", { record })).status, "saved");
          assertLoaded(await node.load(id, "two"), record);
        }
      },
    },
    {
      name: "a later record replaces a smaller or larger one",
      async run(bench) {
        const node = await bench.open();
        const id = newId();
        await node.create(id, "one");
        const { maxBytes } = node.adapter.capabilities;
        for (const bytes of [30_000, 0, 1_000, 70_000, 300]) {
          const record = sampleRecord(Math.min(bytes, maxBytes), bytes);
          equal((await node.save(id, "one", { record })).status, "saved");
          assertLoaded(await node.load(id, "one"), record);
        }
      },
    },
    {
      name: "a record larger than maxBytes is refused with full, and the earlier record stays",
      skipReason: ({ capabilities: { maxBytes } }) =>
        maxBytes < LARGEST_TRIED_BYTES
          ? undefined
          : `maxBytes is ${maxBytes}, too large for a test`,
      async run(bench) {
        const node = await bench.open();
        const record = sampleRecord(node.adapter.capabilities.maxBytes + 1);
        const [id, other] = [newId(), newId()];
        await node.create(id, "one");
        deepEqual(await node.save(id, "one", { record }), { status: "full" });
        deepEqual(await node.create(other, "one", { record }), { status: "full" });
        assertLoaded(await node.load(id, "one"), SAMPLE);
        if (unlessStored(bench.subject) === undefined) {
          assertAbsent(await node.load(other, "one"));
        }
      },
    },
    {
      name: "a record of any bytes is loaded as it was saved, whatever its format",
      async run(bench) {
        const node = await bench.open();
        const formats = ["\0", "null", "{}", '{"version":999}', "\u00ff\u00fe", "é𝄞", "a\r\nb\0"];
        for (const text of [...formats, String.raw`\x00\u0000%00`]) {
          const id = newId();
          const record = new TextEncoder().encode(text);
          await node.create(id, "one", { record });
          assertLoaded(await node.load(id, "two"), record);
        }
      },
    },
    {
      name: "stashes with unusual ids, or ids that differ only in case, are kept apart",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const ids = oddIds();
        for (const [index, id] of ids.entries()) {
          const record = sampleRecord(50 + index, index);
          equal((await node.create(id, "one", { record })).status, "saved");
        }
        for (const [index, id] of ids.entries()) {
          assertLoaded(await node.load(id, "two"), sampleRecord(50 + index, index));
          equal(await node.forget(id, "two"), "forgotten");
          assertAbsent(await node.load(id, "two"));
        }
      },
    },
    {
      name: "changing an array after it was saved or loaded does not change the stored record",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const id = newId();
        const given = SAMPLE.slice();
        await node.create(id, "one", { record: given });
        given.fill(9);
        const first = await node.load(id, "one");
        assertLoaded(first, SAMPLE);
        if (first.status === "loaded") first.record.fill(9);
        const again = OTHER.slice();
        assertLoaded(await node.load(id, "one"), SAMPLE);
        await node.save(id, "one", { record: again });
        again.fill(9);
        assertLoaded(await node.load(id, "one"), OTHER);
      },
    },
    {
      name: "a record that is a view of a larger buffer is saved without the rest of the buffer",
      async run(bench) {
        const node = await bench.open();
        const id = newId();
        const buffer = sampleRecord(1_000, 3);
        await node.create(id, "one", { record: buffer.subarray(100, 400) });
        assertLoaded(await node.load(id, "two"), sampleRecord(1_000, 3).slice(100, 400));
      },
    },
    {
      name: "a stash is found with adapter data that the browser received before the latest save",
      skipReason: unlessStored,
      async run(bench) {
        const [node, id] = [await bench.open(), newId()];
        await node.create(id, "one");
        const adapterData = node.adapterData(id).slice();
        await node.save(id, "one", { record: OTHER });
        await node.load(id, "two");
        assertLoaded(await node.load(id, "three", { adapterData }), OTHER);
      },
    },
    {
      name: "a forgotten stash is absent for every call, and other stashes stay",
      skipReason: unlessStored,
      async run(bench) {
        const node = await bench.open();
        const [id, other] = [newId(), newId()];
        await node.create(id, "one");
        await node.create(other, "one");
        equal(await node.forget(id, "one"), "forgotten");
        equal(await node.forget(id, "one"), "absent");
        equal(await node.keepAlive(id, "one"), "absent");
        deepEqual(await node.save(id, "one"), { status: "absent" });
        assertAbsent(await node.load(id, "one"));
        assertLoaded(await node.load(other, "one"), SAMPLE);
      },
    },
  ],
};
