import { expect, test } from "vitest";
import { createOriginCheck, type OriginPolicy } from "./origin-policy.ts";

test.each<[OriginPolicy, string | undefined, boolean]>([
  ["same-host", undefined, true],
  ["same-host", "https://app.example.com", true],
  ["same-host", "http://app.example.com", true],
  ["same-host", "https://app.example.com:8443", false],
  ["same-host", "https://evil.example.com", false],
  ["same-host", "https://app.example.com.evil.com", false],
  ["same-host", "null", false],
  ["same-host", "nonsense", false],
  ["any", "https://evil.example.com", true],
  ["any", "null", true],
  [["https://app.example.com"], "https://app.example.com", true],
  [["https://app.example.com/"], "https://app.example.com", true],
  [["HTTPS://App.Example.COM:443"], "https://app.example.com", true],
  [["https://app.example.com"], "https://app.example.com:443", true],
  [["https://app.example.com"], "http://app.example.com", false],
  [["https://app.example.com"], "https://app.example.com:8443", false],
  [["https://app.example.com:8443"], "https://app.example.com:8443", true],
  [["https://bücher.example"], "https://xn--bcher-kva.example", true],
  [["http://[::1]:4000"], "http://[0:0:0:0:0:0:0:1]:4000", true],
  [["capacitor://localhost"], "capacitor://localhost", true],
  [["//app.example.com"], "https://app.example.com", true],
  [["//app.example.com:443"], "https://app.example.com", true],
  [["//app.example.com:80"], "https://app.example.com", false],
  [["//*.example.com"], "http://deep.app.example.com", true],
  [["https://*.example.com"], "http://app.example.com", false],
  [["//*.example.com"], "http://example.com", false],
  [["//*.example.com"], "http://evilexample.com", false],
  [["//one.example.com", "//two.example.com"], "http://two.example.com", true],
])(
  "with policy %j, whether a page of origin %j may open a socket: %j",
  (policy, origin, allowed) => {
    expect(createOriginCheck(policy)(origin, "app.example.com")).toBe(allowed);
  },
);

test.each<[string, string, boolean]>([
  ["app.example.com:443", "https://app.example.com", true],
  ["app.example.com:80", "http://app.example.com", true],
  ["app.example.com:443", "http://app.example.com", false],
  ["APP.example.com", "https://app.example.com", true],
  ["[::1]:4000", "http://[::1]:4000", true],
  ["a b", "http://localhost", false],
])("with same-host, whether host %j accepts a page of origin %j: %j", (host, origin, allowed) => {
  expect(createOriginCheck("same-host")(origin, host)).toBe(allowed);
});

test.each<[unknown]>([
  [[]],
  [["app.example.com"]],
  [["*"]],
  [["any"]],
  [["https://app.example.com/app"]],
  [["https://app.example.com?x"]],
  [["https://user@app.example.com"]],
  [["wss://app.example.com"]],
  [["https://a.*.example.com"]],
  [["https://"]],
  [[7]],
  ["https://app.example.com"],
  [{}],
])("createOriginCheck refuses a policy that can match no origin: %j", (policy) => {
  expect(() => createOriginCheck(policy as OriginPolicy)).toThrow(
    /invalid option "origin": expected/,
  );
});
