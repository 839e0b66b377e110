import { createServer } from "node:http";
import { expect, test } from "vitest";
import { cookieSession, createLiveServer, html, live, liveView } from "./index.ts";
import { foundValue } from "./message-text.ts";

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

const values: [value: unknown, text: string][] = [
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [10n, "10n"],
  ["a\nb", String.raw`"a\nb"`],
  [true, "true"],
  [Symbol("s"), "a symbol"],
  [() => 1, "a function"],
  [{ a: [1] }, '{"a":[1]}'],
  [{ a: 1n }, "an object"],
  [[1n], "a list"],
  [cyclic, "an object"],
];

test.each([...values, [null, "null"], [undefined, "undefined"]])(
  "foundValue() describes %s as %s",
  (value, text) => {
    expect(foundValue(value)).toBe(text);
  },
);

const view = liveView({ name: "page", render: () => html`<p></p>` });
const routes = [live("/", view)];
const serverWith = (options: object) =>
  createLiveServer({ routes, secret: "s".repeat(32), ...options });
const server = serverWith({});

test.each(values)(
  "every option that is %s is rejected with %s in the message",
  async (value, text) => {
    const invalid = {
      code: "invalid_option",
      message: expect.stringContaining(`got ${text}`) as string,
    };
    const options = value as never;
    await expect(server.listen({ port: options })).rejects.toMatchObject(invalid);
    await expect(server.drain({ timeoutMs: options })).rejects.toMatchObject(invalid);
    const refused = [
      () => cookieSession({ secrets: ["s".repeat(32)], sameSite: options }),
      () => serverWith({ limits: { maxSockets: value } }),
      () => serverWith({ origin: [value] }),
      () => liveView({ name: options, render: () => html`` }),
    ];
    for (const refuse of refused) expect(refuse).toThrow(expect.objectContaining(invalid));
  },
);

test.each<[string, string, () => unknown]>([
  ["createLiveServer", "clientScript, defaultTitle", () => serverWith({ Port: 4000 })],
  ["listen", "port, host, path", () => server.listen({ Port: 4000 } as never)],
  ["attach", "handleSignals", () => server.attach(createServer(), { Port: 4000 } as never)],
  ["drain", "batchSize, intervalMs", () => server.drain({ Port: 4000 } as never)],
])(
  "%s() rejects an unknown option, and names the options that it has",
  async (caller, known, work) => {
    await expect((async () => work())()).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(
        `^${caller}\\(\\): expected options of .*${known}.*, got "Port"`,
      ) as string,
    });
  },
);
