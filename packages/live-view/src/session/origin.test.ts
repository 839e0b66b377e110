import { expect, test } from "vitest";
import { isOriginAllowed, type OriginPolicy } from "./origin.ts";

test.each<[OriginPolicy, string | undefined, boolean]>([
  ["same-host", undefined, true],
  ["same-host", "https://app.example.com", true],
  ["same-host", "https://evil.example.com", false],
  ["same-host", "https://app.example.com.evil.com", false],
  ["same-host", "null", false],
  ["same-host", "nonsense", false],
  ["any", "https://evil.example.com", true],
  [["https://app.example.com"], "https://app.example.com", true],
  [["https://app.example.com"], "http://app.example.com", false],
  [["//*.example.com"], "http://deep.app.example.com", true],
  [["//*.example.com"], "http://example.com", false],
  [["//*.example.com"], "http://evilexample.com", false],
  [[], "https://app.example.com", false],
])("policy %j, origin %j: %j", (policy, origin, allowed) => {
  expect(isOriginAllowed(policy, { origin, host: "app.example.com" })).toBe(allowed);
});
