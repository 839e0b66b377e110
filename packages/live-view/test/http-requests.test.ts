import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { html, HttpError, live, liveView, textParam } from "../src/index.ts";
import { startTestServer } from "./test-server.ts";

const showsUrl = liveView<object>({
  name: "shows-url",
  render: (_, { url }) => html`<p>${url.href}</p>`,
});

/** Sends a request as it stands, which `fetch` would correct, and reads the whole answer. */
async function answerTo(port: number, path: string, host = "localhost"): Promise<string> {
  const stream = connect(port, "127.0.0.1");
  let answer = "";
  stream.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  stream.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await once(stream, "close");
  return answer;
}

test("neither path nor Host header make a page believe that it is on another host", async () => {
  const { listening } = await startTestServer({ routes: [live("/", showsUrl)] });
  expect(await answerTo(listening.port, "/", "app.test:80")).toContain("<p>http://app.test/</p>");
  for (const path of ["//evil.example/", "/\\evil.example/", "///evil.example"]) {
    expect(await answerTo(listening.port, path)).toMatch(/^HTTP\/1.1 404 /);
  }
  for (const host of ["user@evil.example", "evil.example/x?", "evil.example#", "a b"]) {
    expect(await answerTo(listening.port, "/", host)).toMatch(/^HTTP\/1.1 404 /);
  }
});

test("a redirect with what a header cannot carry goes where it says", async () => {
  const search = liveView<object>({
    name: "search",
    mount: (socket, params) => socket.redirect(`/results?q=${textParam(params, "q") ?? ""}`),
    render: () => html``,
  });
  const { listening, errors } = await startTestServer({ routes: [live("/", search)] });
  const answer = await answerTo(listening.port, "/?q=%E6%97%A5%0D%0AX-Evil:%201");
  expect(answer).toContain("location: /results?q=%E6%97%A5X-Evil:%201\r\n");
  expect(answer).not.toMatch(/^X-Evil/m);
  expect(errors).toEqual([]);
});

test("an answer that cannot be written is a 500, and not the end of the process", async () => {
  const { listening, errors } = await startTestServer({
    routes: [live("/", showsUrl)],
    sessions: {
      read: () => undefined,
      start: () => ({ session: { id: "s" }, setCookie: "name=日" }),
    },
  });
  expect(await answerTo(listening.port, "/")).toMatch(/^HTTP\/1.1 500 /);
  expect(errors).toHaveLength(1);
});

test("a page shows the message of an HttpError, never that of some library's error", async () => {
  const failing = (cause: Error) =>
    liveView<object>({
      name: "failing",
      mount() {
        throw cause;
      },
      render: () => html``,
    });
  const ofLibrary = Object.assign(new Error("token sk-1 was refused"), { status: 401 });
  const library = await startTestServer({ routes: [live("/", failing(ofLibrary))] });
  const answer = await answerTo(library.listening.port, "/");
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer).not.toContain("sk-1");

  const own = await startTestServer({
    routes: [live("/", failing(new HttpError(404, "No such page")))],
  });
  expect(await answerTo(own.listening.port, "/")).toContain("No such page");
});
