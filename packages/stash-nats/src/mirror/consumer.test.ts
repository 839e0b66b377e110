import { expect, test } from "vitest";
import { parseDelivery } from "./consumer.ts";

const delivery = { seq: 42, count: 7, storedAtMs: 1_700_000_000_123, pending: 3 };

test.each([
  ["$JS.ACK.ls.mirror.1.42.7.1700000000123456789.3"],
  ["$JS.ACK.domain.account.ls.mirror.1.42.7.1700000000123456789.3.token"],
])("the metadata of a delivery is parsed from %s", (reply) => {
  expect(parseDelivery(reply)).toEqual(delivery);
});

test.each([[undefined], [""], ["$JS.FC.ls.mirror.x"], ["$JS.ACK.ls.mirror"]])(
  "the reply subject %j is not parsed as a delivery",
  (reply) => {
    expect(parseDelivery(reply)).toBeUndefined();
  },
);
