import { expect, test } from "vitest";
import { cookieSession, type CookieSessionOptions } from "./cookie-session.ts";

const secrets = ["a secret of at least 32 characters, yes"];
const others = ["another secret of at least 32 chars"];
const requestWith = (...setCookies: string[]) => ({
  headers: { cookie: setCookies.map((each) => each.split(";")[0] ?? "").join("; ") },
});
const plain = { headers: { host: "app.test" }, socket: {} };
const tls = { headers: { host: "app.test" }, socket: { encrypted: true } };

test("a started session is read back, with the same id", () => {
  const sessions = cookieSession({ secrets });
  const { session, setCookie } = sessions.start({ headers: {} });
  expect(session.id.length).toBeGreaterThanOrEqual(24);
  expect(sessions.read(requestWith(setCookie))).toEqual(session);
});

test("the cookie is HttpOnly, SameSite=Lax, of the whole host, and Secure where asked", () => {
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
  ["HTTPS, as the server knows", true, {}, plain, { secure: true }],
  ["a header that is not trusted", false, {}, forwarded("https"), undefined],
  ["a trusted header", true, { trustProxy: true }, forwarded("https"), undefined],
  [
    "a trusted header that says otherwise",
    false,
    { trustProxy: true },
    forwarded("http"),
    undefined,
  ],
])(
  "whether the cookie is Secure follows from %s: %j",
  (_, isSecure, options, request, connection) => {
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
  },
);

function forwarded(scheme: string) {
  return { headers: { host: "app.test", "x-forwarded-proto": scheme }, socket: {} };
}

test("a renewed cookie is Secure without its request, once any came over HTTPS", () => {
  const sessions = cookieSession({ secrets });
  expect(sessions.renew({}).setCookie).not.toMatch(/Secure/);
  expect(sessions.read(tls)).toBeUndefined();
  expect(sessions.renew({}).setCookie).toMatch(/Secure/);
  expect(sessions.renew({}, plain).setCookie).not.toMatch(/Secure/);
});

test("a cookie for frames of other sites is Secure and Partitioned, with name and domain as given", () => {
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

test("applications with different secrets have cookies of different names, processes of one the same", () => {
  const nameOf = (options: CookieSessionOptions) =>
    cookieSession(options).start(plain).setCookie.split("=")[0];
  expect(nameOf({ secrets })).toMatch(/^_live_view_session_[0-9a-f]{8}$/);
  expect(nameOf({ secrets })).toBe(nameOf({ secrets }));
  expect(nameOf({ secrets })).not.toBe(nameOf({ secrets: others }));
});

test("a session survives the rotation of its secret, until that is no longer listed", () => {
  const { session, setCookie } = cookieSession({ secrets }).renew({ userId: 7 });
  const request = requestWith(setCookie);
  expect(cookieSession({ secrets: [...others, ...secrets] }).read(request)).toEqual(session);
  expect(cookieSession({ secrets: others }).read(request)).toBeUndefined();
});

test("renewing keeps the data and takes a new id, which no data can choose", () => {
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

test("a forged, foreign or missing cookie is no session, and hides none", () => {
  const sessions = cookieSession({ secrets, name: "sid" });
  const foreign = cookieSession({ secrets: others, name: "sid" }).start(plain).setCookie;
  expect(sessions.read({ headers: {} })).toBeUndefined();
  expect(sessions.read({ headers: { cookie: "sid=x.y.z; sid; =; sid=" } })).toBeUndefined();
  expect(sessions.read(requestWith(foreign))).toBeUndefined();
  const own = sessions.start(plain);
  expect(sessions.read(requestWith(foreign, own.setCookie))).toEqual(own.session);
  expect(sessions.read(requestWith(own.setCookie, foreign))).toEqual(own.session);
});

test("data that no cookie can carry is refused", () => {
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
])("a wrong %s is refused when the source is made: %j", (option, options) => {
  expect(() => cookieSession({ secrets, ...options })).toThrow(new RegExp(`\`${option}\``));
});

test.each([
  ["a bigint", { userId: 7n }, /cookieSession\.renew.*data\.userId/s],
  ["a Map", { rights: { of: new Map() } }, /data\.rights\.of/],
])(
  "session data that a cookie cannot carry is refused where it is given: %s",
  (_name, data, where) => {
    expect(() => cookieSession({ secrets }).renew(data)).toThrow(where);
  },
);
