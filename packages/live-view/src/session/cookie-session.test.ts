import { expect, test } from "vitest";
import { cookieSession } from "./cookie-session.ts";

const secrets = ["a secret of at least 32 characters, yes"];
const requestWith = (setCookie: string) => ({
  headers: { cookie: setCookie.split(";")[0] ?? "" },
});

test("a started session is read back, with the same id", () => {
  const sessions = cookieSession({ secrets });
  const { session, setCookie } = sessions.start({ headers: {} });
  expect(session.id.length).toBeGreaterThanOrEqual(24);
  expect(sessions.read(requestWith(setCookie))).toEqual(session);
});

test("the cookie is HttpOnly, SameSite=Lax, and Secure where asked", () => {
  const { setCookie } = cookieSession({ secrets, secure: true }).start({ headers: {} });
  expect(setCookie).toMatch(/HttpOnly/);
  expect(setCookie).toMatch(/SameSite=Lax/);
  expect(setCookie).toMatch(/Secure/);
});

test("renewing keeps the data and takes a new id, which no data can choose", () => {
  const sessions = cookieSession({ secrets });
  const { session, setCookie } = sessions.renew({ userId: 7, id: "chosen" });
  expect(session.id).not.toBe("chosen");
  expect(sessions.read(requestWith(setCookie))).toMatchObject({ userId: 7, id: session.id });
});

test("a forged, foreign or missing cookie is no session", () => {
  const sessions = cookieSession({ secrets });
  const foreign = cookieSession({ secrets: ["another secret of at least 32 chars"] });
  expect(sessions.read({ headers: {} })).toBeUndefined();
  expect(sessions.read({ headers: { cookie: "_live_view_session=x.y.z" } })).toBeUndefined();
  expect(sessions.read(requestWith(foreign.start({ headers: {} }).setCookie))).toBeUndefined();
});

test("data that no cookie can carry is refused", () => {
  expect(() => cookieSession({ secrets }).renew({ big: "x".repeat(5000) })).toThrow(/4096/);
});
