import { createClientTree } from "@live-stash/wire";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  loadOfficialRendered,
  type OfficialRenderedClass,
} from "../../../wire/test/official-rendered.ts";
import { html } from "../template/html.ts";
import { keyed } from "../template/list.ts";
import { printHtml } from "../template/print-html.ts";
import { rawHtml } from "../template/raw-html.ts";
import type { HtmlValue, Template } from "../template/template.ts";
import { diffTemplates } from "./diff-templates.ts";

/** A model of a page: what templates are made from, so that it can be drawn at random. */
type Model =
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
  | { readonly kind: "raw"; readonly value: string }
  | { readonly kind: "node"; readonly shape: number; readonly children: readonly Model[] }
  | { readonly kind: "array"; readonly items: readonly Model[] }
  | {
      readonly kind: "keyed";
      readonly keys: readonly (string | number)[];
      readonly items: readonly Model[];
    };

const shapes: readonly ((a: HtmlValue, b: HtmlValue, c: HtmlValue) => Template)[] = [
  () => html`<hr />`,
  (a) => html`<b>${a}</b>`,
  (a) => html`<i>${a}</i>`,
  (a) => html`${a}`,
  (a, b) => html`<p>${a}<br />${b}</p>`,
  (a, b, c) => html`<section>${a}, ${b} and ${c}</section>`,
  (a, b) =>
    html`<div class="x ${typeof a === "string" ? a : null}" title=${String(typeof a)}>${b}</div>`,
  (a, b) => html`<a href="${typeof b === "string" ? b : "/"}" hidden=${a === true}>${a}</a>`,
];

function build(model: Model): HtmlValue {
  switch (model.kind) {
    case "scalar":
      return model.value;
    case "raw":
      return rawHtml(model.value);
    case "array":
      return model.items.map(build);
    case "keyed":
      return keyed(
        model.keys,
        (key) => key,
        (_key, index) => build(model.items[index % model.items.length] ?? leaf),
      );
    case "node":
      return page(model.shape, model.children);
  }
}

const leaf: Model = { kind: "scalar", value: "leaf" };

function page(shape: number, children: readonly Model[]): Template {
  const [a, b, c] = [0, 1, 2].map((index) => build(children[index] ?? leaf));
  return (shapes[shape] ?? ((value) => html`${value}`))(a, b, c);
}

// Few different values, so that neighbours in a sequence often agree in parts.
const scalar = fc.constantFrom(
  "",
  "a",
  "b",
  "<&>\"'",
  "javascript:x",
  0,
  1,
  -1.5,
  true,
  false,
  null,
);
const { model } = fc.letrec<{ model: Model; node: Model; items: Model[] }>((tie) => ({
  items: fc.array(tie("model"), { maxLength: 4 }),
  node: fc.record({
    kind: fc.constant("node" as const),
    shape: fc.nat(shapes.length - 1),
    children: fc.array(tie("model"), { maxLength: 3 }),
  }),
  model: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("scalar" as const), value: scalar }),
    fc.record({ kind: fc.constant("raw" as const), value: fc.constantFrom("", "<u>r</u>") }),
    tie("node"),
    fc.record({ kind: fc.constant("array" as const), items: tie("items") }),
    fc.record({
      kind: fc.constant("keyed" as const),
      keys: fc.shuffledSubarray(["1", 1, "a", "b", "c", 7, 8, "z"]),
      items: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

// A sequence keeps its outermost shape mostly, as views do, and changes one part now and then.
const sequence = fc
  .record({
    shapes: fc.array(fc.constantFrom(5, 5, 5, 5, 5, 4), { minLength: 2, maxLength: 6 }),
    children: fc.array(fc.tuple(model, model, model), { minLength: 6, maxLength: 6 }),
    keeps: fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), {
      minLength: 6,
      maxLength: 6,
    }),
  })
  .map(({ shapes: outer, children, keeps }) => {
    let current: readonly Model[] = children[0] ?? [];
    return outer.map((shape, step) => {
      current = current.map((kept, index) =>
        keeps[step]?.[index] === true ? kept : (children[step]?.[index] ?? kept),
      );
      return { shape, children: current };
    });
  });

let Rendered: OfficialRenderedClass;
beforeAll(async () => {
  Rendered = await loadOfficialRendered();
});

const overTheWire = (diff: object): object => JSON.parse(JSON.stringify(diff)) as object;

test("what the official client and ours print after each diff is the full render", () => {
  fc.assert(
    fc.property(sequence, (steps) => {
      let previous: Template | undefined;
      let official: InstanceType<OfficialRenderedClass> | undefined;
      let ours: ReturnType<typeof createClientTree> | undefined;
      for (const { shape, children } of steps) {
        const next = page(shape, children);
        const diff = diffTemplates(previous, next);
        if (previous === undefined || official === undefined || ours === undefined) {
          official = new Rendered("phx-1", overTheWire(diff ?? {}));
          ours = createClientTree(overTheWire(diff ?? {}));
        } else if (diff === undefined) {
          expect(printHtml(next)).toBe(printHtml(previous));
        } else {
          expect(printHtml(next)).not.toBe(printHtml(previous));
          official.mergeDiff(overTheWire(diff));
          ours.merge(overTheWire(diff));
        }
        expect(official.toString().buffer).toBe(printHtml(next));
        expect(ours.toHtml()).toBe(printHtml(next));
        previous = next;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("equal renders never differ, whatever they are made from", () => {
  fc.assert(
    fc.property(model, (content) => {
      expect(diffTemplates(page(4, [content]), page(4, [content]))).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
