import { expect, test } from "vitest";
import { readPort } from "../src/read-port.ts";

test.each([
  [undefined, 4000],
  ["", 4000],
  [" ", 4000],
  ["8080", 8080],
  [" 8080 ", 8080],
  ["0", 0],
])("PORT=%j is %d", (text, port) => {
  expect(readPort(text)).toBe(port);
});

test.each(["abc", "-1", "65536", "80.5", "80 81", "1e3", "0x50"])("PORT=%s is refused", (text) => {
  expect(() => readPort(text)).toThrow(
    `PORT: expected a whole number from 0 to 65535, got "${text}".`,
  );
});
