import { expect, test } from "vitest";
import { cookieSession, type CookieSessionOptions } from "./cookie-session.ts";

const secrets = ["a secret of at least 32 characters, yes"];
const others = ["another secret of at least 32 chars"];
const requestWith = (...setCookies: string[]) => ({
  headers: { cookie: setCookies.map((each) => each.split(";")[0] ?? "").join("; ") },
});
const plain = { headers: { host: "app.test" }, socket: {} };
const tls = { headers: { host: "app.test" }, socket: { encrypted: true } };

test("a started session is read back with the same id", () => {
  const sessions = cookieSession({ secrets });
  const { session, setCookie } = sessions.start({ headers: {} });
  expect(session.id.length).toBeGreaterThanOrEqual(24);
  expect(sessions.read(requestWith(setCookie))).toEqual(session);
});

test("the cookie is HttpOnly, SameSite=Lax, for all paths of its host, and Secure on request", () => {
  const { setCookie } = cookieSession({ secrets, secure: true }).start({ headers: {} });
  expect(setCookie).toMatch(/HttpOnly/);
  expect(setCookie).toMatch(/SameSite=Lax/);
  expect(setCookie).toMatch(/Path=\//);
  expect(setCookie).toMatch(/Secure/);
  expect(setCookie).not.toMatch(/Domain|Partitioned/);
});

test.each([
  ["plain HTTP", false, {}, plain, undefined],
  ["HTTPS", true, {}, tls, undefined],
  ["HTTPS that the server knows of", true, {}, plain, { secure: true }],
  ["an untrusted header", false, {}, forwarded("https"), undefined],
  ["a trusted header", true, { trustProxy: true }, forwarded("https"), undefined],
  ["a trusted header for plain HTTP", false, { trustProxy: true }, forwarded("http"), undefined],
])("whether the cookie is Secure for %s: %j", (_, isSecure, options, request, connection) => {
  const before = process.env.NODE_ENV;
  for (const environment of ["production", "development"]) {
    process.env.NODE_ENV = environment;
    const sessions = cookieSession({ secrets, ...options });
    expect(/Secure/.test(sessions.start(request, connection).setCookie)).toBe(isSecure);
    if (connection === undefined) {
      expect(/Secure/.test(sessions.renew({}, request).setCookie)).toBe(isSecure);
    }
  }
  process.env.NODE_ENV = before;
});

function forwarded(scheme: string) {
  return { headers: { host: "app.test", "x-forwarded-proto": scheme }, socket: {} };
}

test("renew without a request makes the cookie Secure once any request used HTTPS", () => {
  const sessions = cookieSession({ secrets });
  expect(sessions.renew({}).setCookie).not.toMatch(/Secure/);
  expect(sessions.read(tls)).toBeUndefined();
  expect(sessions.renew({}).setCookie).toMatch(/Secure/);
  expect(sessions.renew({}, plain).setCookie).not.toMatch(/Secure/);
});

test("a cookie for frames of other sites is Secure and Partitioned, with the given name and domain", () => {
  const sessions = cookieSession({
    secrets,
    name: "sid",
    sameSite: "none",
    partitioned: true,
    domain: "example.com",
  });
  const { setCookie } = sessions.start(plain);
  for (const part of [/^sid=/, /SameSite=None/, /Secure/, /Partitioned/, /Domain=example\.com/]) {
    expect(setCookie).toMatch(part);
  }
});

test("applications with different secrets use different cookie names, and those of one secret the same", () => {
  const nameOf = (options: CookieSessionOptions) =>
    cookieSession(options).start(plain).setCookie.split("=")[0];
  expect(nameOf({ secrets })).toMatch(/^_live_view_session_[0-9a-f]{8}$/);
  expect(nameOf({ secrets })).toBe(nameOf({ secrets }));
  expect(nameOf({ secrets })).not.toBe(nameOf({ secrets: others }));
});

test("a session survives the rotation of its secret until that secret is removed", () => {
  const { session, setCookie } = cookieSession({ secrets }).renew({ userId: 7 });
  const request = requestWith(setCookie);
  expect(cookieSession({ secrets: [...others, ...secrets] }).read(request)).toEqual(session);
  expect(cookieSession({ secrets: others }).read(request)).toBeUndefined();
});

test("renew stores the data under a new id, which the data cannot choose", () => {
  const sessions = cookieSession({ secrets });
  const { session, setCookie } = sessions.renew({ userId: 7, id: "chosen" });
  expect(session.id).not.toBe("chosen");
  expect(sessions.read(requestWith(setCookie))).toMatchObject({ userId: 7, id: session.id });
});

test("only a session without data is anonymous", () => {
  const sessions = cookieSession({ secrets });
  expect(sessions.isAnonymous(sessions.start(plain).session)).toBe(true);
  expect(sessions.isAnonymous(sessions.renew({ userId: 7 }).session)).toBe(false);
});

test("a forged, foreign or missing cookie is no session, and hides no valid one", () => {
  const sessions = cookieSession({ secrets, name: "sid" });
  const foreign = cookieSession({ secrets: others, name: "sid" }).start(plain).setCookie;
  expect(sessions.read({ headers: {} })).toBeUndefined();
  expect(sessions.read({ headers: { cookie: "sid=x.y.z; sid; =; sid=" } })).toBeUndefined();
  expect(sessions.read(requestWith(foreign))).toBeUndefined();
  const own = sessions.start(plain);
  expect(sessions.read(requestWith(foreign, own.setCookie))).toEqual(own.session);
  expect(sessions.read(requestWith(own.setCookie, foreign))).toEqual(own.session);
});

test("renew refuses data that is too large for a cookie", () => {
  expect(() => cookieSession({ secrets }).renew({ big: "x".repeat(5000) })).toThrow(/4096/);
});

test.each<[string, object]>([
  ["name", { name: "a b" }],
  ["name", { name: 7 }],
  ["maxAgeMs", { maxAgeMs: 0 }],
  ["maxAgeMs", { maxAgeMs: NaN }],
  ["sameSite", { sameSite: "None" }],
  ["secure", { secure: "auto" }],
  ["partitioned", { partitioned: 1 }],
  ["domain", { domain: "https://example.com" }],
  ["secure", { sameSite: "none", secure: false }],
  ["secure", { partitioned: true, secure: false }],
  ["secure", { name: "__Secure-sid", secure: false }],
  ["domain", { name: "__Host-sid", domain: "example.com" }],
  ["cookieName", { cookieName: "sid" }],
])("cookieSession refuses an invalid %s: %j", (option, options) => {
  expect(() => cookieSession({ secrets, ...options })).toThrow(new RegExp(`"${option}"`));
});

test.each([
  ["a bigint", { userId: 7n }, /cookieSession\.renew.*data\.userId/s],
  ["a Map", { rights: { of: new Map() } }, /data\.rights\.of/],
])("renew refuses session data that JSON cannot represent: %s", (_name, data, where) => {
  expect(() => cookieSession({ secrets }).renew(data)).toThrow(where);
});
