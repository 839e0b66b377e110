import { expect, test } from "vitest";
import { requestOrigin } from "./request-origin.ts";

const plain = { encrypted: undefined };
const tls = { encrypted: true };

test.each<[string, object, Record<string, string>, boolean, string]>([
  ["the connection and the Host header", plain, { host: "a.test:81" }, false, "http://a.test:81"],
  ["TLS of the connection", tls, { host: "a.test" }, false, "https://a.test"],
  ["the authority of HTTP/2", tls, { ":authority": "a.test" }, false, "https://a.test"],
  ["localhost without any host", plain, {}, false, "http://localhost"],
  [
    "no forwarded header without trustProxy",
    plain,
    { host: "a.test", "x-forwarded-proto": "https", "x-forwarded-host": "b.test" },
    false,
    "http://a.test",
  ],
  [
    "X-Forwarded headers of a trusted proxy",
    plain,
    { host: "a.test", "x-forwarded-proto": "HTTPS", "x-forwarded-host": "b.test" },
    true,
    "https://b.test",
  ],
  [
    "the first of several forwarded elements",
    plain,
    { host: "a.test", "x-forwarded-proto": "https, http", "x-forwarded-host": "b.test, c.test" },
    true,
    "https://b.test",
  ],
  [
    "a Forwarded header of a trusted proxy",
    plain,
    { host: "a.test", forwarded: 'for=1.2.3.4;Proto=https;host="b.test:8443", for=5.6.7.8' },
    true,
    "https://b.test:8443",
  ],
  [
    "the connection if the forwarded headers are empty or invalid",
    tls,
    { host: "a.test", "x-forwarded-proto": "gopher", forwarded: ";;=" },
    true,
    "https://a.test",
  ],
])("requestOrigin takes the origin from %s", (_, socket, headers, trustProxy, expected) => {
  const { scheme, host } = requestOrigin({ headers, socket }, trustProxy);
  expect(`${scheme}://${host}`).toBe(expected);
});
