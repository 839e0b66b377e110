import { MAX_FORM_DEPTH, MAX_FORM_FIELDS } from "@live-stash/wire";
import { expect, test } from "vitest";
import {
  createLiveServer,
  html,
  live,
  liveView,
  textParam,
  type ViewParams,
} from "../src/index.ts";
import { createTestClient } from "../src/testing.ts";
import { loadPage, RawClient } from "./raw-client.ts";
import { SECRET, startTestServer } from "./test-server.ts";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Creates a view that records its params and forms in order. */
function recorder(path = "/") {
  const params: { readonly mount: unknown[]; readonly handleParams: unknown[] } = {
    mount: [],
    handleParams: [],
  };
  const forms: unknown[] = [];
  const view = liveView<object>({
    name: "recorder",
    mount: (_, given) => void params.mount.push(plain(given)),
    handleParams: (_, given) => void params.handleParams.push(plain(given)),
    handleEvent: { change: (_, value) => void forms.push(value) },
    render: () => html`<form phx-change="change">
      <input name="color[]" value="red" /><input name="color[]" value="blue" />
      <input name="price[min]" value="1" />
    </form>`,
  });
  return { params, forms, routes: [live(path, view)] };
}

test("a query and a form with the same names decode to the same values", async () => {
  const { params, forms, routes } = recorder();
  const client = createTestClient(createLiveServer({ routes, secret: SECRET }));
  const page = await client.visit("/?color[]=red&color%5B%5D=blue&price[min]=1&s=a&s=b");
  await page.change("form", { "price[min]": "1" });

  const expected = { color: ["red", "blue"], price: { min: "1" } };
  expect(params.mount).toEqual([
    { ...expected, s: "b" },
    { ...expected, s: "b" },
  ]);
  expect(params.handleParams).toEqual(params.mount);
  expect(plain(forms)).toEqual([{ ...expected, _target: ["price", "min"] }]);
});

test("the query of a patched URL is decoded as that of the first URL", async () => {
  const { params, routes } = recorder();
  const page = await createTestClient(createLiveServer({ routes, secret: SECRET })).visit("/");
  await page.patch("/?rows[][id]=1&rows[][id]=2");
  expect(params.handleParams.at(-1)).toEqual({ rows: [{ id: "1" }, { id: "2" }] });
});

test("a path parameter wins over a query parameter of any shape", async () => {
  const { params, routes } = recorder("/users/:id");
  const client = createTestClient(createLiveServer({ routes, secret: SECRET }));
  await client.visit("/users/7?id[evil]=1&id[]=2&tab=x");
  expect(params.mount[0]).toEqual({ id: "7", tab: "x" });
});

test("__proto__ and constructor in a query are plain keys", async () => {
  let given: ViewParams = {};
  const view = liveView<object>({
    name: "v",
    mount: (_, params) => void (given = params),
    render: () => html`<p></p>`,
  });
  const client = createTestClient(createLiveServer({ routes: [live("/", view)], secret: SECRET }));
  await client.visit("/?__proto__[polluted]=1&constructor[prototype][polluted]=1");
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(given)).toBeNull();
  expect(Object.keys(given)).toEqual(["__proto__", "constructor"]);
});

test("textParam reads a parameter only if it is text", () => {
  const params: ViewParams = { page: "2", empty: "", list: ["2"], nested: { page: "2" } };
  const read = ["page", "empty", "list", "nested", "none"].map((name) => textParam(params, name));
  expect(read).toEqual(["2", "", undefined, undefined, undefined]);
});

const DEEP = `?a${"[b]".repeat(MAX_FORM_DEPTH)}=1`;

test("a query above the limits of a form is answered with 400 over HTTP and at a join", async () => {
  const { params, routes } = recorder();
  const { url } = await startTestServer({ routes });
  const response = await fetch(url + DEEP);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("The query of this page&#39;s URL is too large.");

  const loaded = await loadPage(url);
  const client = await RawClient.openFor(loaded);
  const before = params.mount.length;
  client.join(loaded, "1", { url: url + DEEP });
  const [, , , , answer] = await client.next(([, , , event]) => event === "phx_reply");
  expect(answer).toMatchObject({ status: "error", response: { reason: "reload", status: 400 } });
  expect(params.mount).toHaveLength(before);
});

/** Joins a page over a socket of its own, and pushes a form. */
async function pushForm(url: string, value: string, event = "change") {
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  await client.next(([, ref, , name]) => ref === "1" && name === "phx_reply");
  client.send(["1", "2", `lv:${page.id}`, "event", { type: "form", event, value }]);
  return client;
}

test("a form with the most fields that are decoded arrives whole", async () => {
  const { forms, routes } = recorder();
  const { url, errors } = await startTestServer({ routes });
  const fields = Array.from(
    { length: MAX_FORM_FIELDS },
    (_, index) => `f[_unused_${index}]=&f[${index}]=${index}`,
  );
  const client = await pushForm(url, fields.join("&"));
  const [, , , , reply] = await client.next(([, ref]) => ref === "2");
  expect(reply).toMatchObject({ status: "ok" });
  expect(Object.keys((forms[0] as { f: object }).f)).toHaveLength(2 * MAX_FORM_FIELDS);
  expect(errors).toEqual([]);
});

test("a form with more fields is not handled: the view crashes, and the log says why", async () => {
  const { forms, routes } = recorder();
  const { url, errors } = await startTestServer({ routes });
  const client = await pushForm(url, "a=1&".repeat(MAX_FORM_FIELDS + 1));
  const [, , , , crash] = await client.next(([, , , event]) => event === "phx_error");
  expect(crash).toEqual({ reason: "crashed" });
  expect(forms).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain('view "recorder" crashed');
  expect(errors[0]?.cause).toMatchObject({
    code: "form_too_large",
    message: expect.stringContaining(
      `the form of the event "change" was not handled. Decoding a form or query: expected at most ` +
        `${MAX_FORM_FIELDS} fields, found more.`,
    ) as string,
  });
});

test("an event for a component crashes the view instead of being ignored", async () => {
  const { routes } = recorder();
  const { url, errors } = await startTestServer({ routes });
  const page = await loadPage(url);
  const client = await RawClient.openFor(page);
  client.join(page, "1");
  await client.next(([, ref]) => ref === "1");
  const event = { type: "click", event: "change", value: {}, cid: 3 };
  client.send(["1", "2", `lv:${page.id}`, "event", event]);
  await client.next(([, , , name]) => name === "phx_error");
  expect(errors[0]?.cause).toMatchObject({
    code: "unknown_event",
    message: expect.stringContaining('"change" is for component 3') as string,
  });
});
