import { createClientTree, type WireTree } from "@live-stash/wire";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  loadOfficialRendered,
  type OfficialRenderedClass,
} from "../../../wire/test/official-rendered.ts";
import { ShownDocument } from "../../../wire/test/shown-document.ts";
import { rawHtml } from "../template/escape-html.ts";
import { html } from "../template/html.ts";
import { printHtml } from "../template/print-html.ts";
import { type HtmlValue, keyed, type Template } from "../template/template.ts";
import { diffTemplates } from "./diff.ts";

// Formatters change the white space of `html` templates; under another name they leave it alone.
const plain = html;

/** A model of a page, which is drawn at random and from which templates are made. */
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
  () => plain`<hr />`,
  (a) => plain`<b>${a}</b>`,
  (a) => plain`<i>${a}</i>`,
  (a) => plain`${a}`,
  (a, b) => plain`<p>${a}<br />${b}</p>`,
  (a, b, c) => plain`<section>${a}, ${b} and ${c}</section>`,
  (a, b) => plain`<div class="x ${typeof a === "string" ? a : null}" title=${typeof a}>${b}</div>`,
  (a, b) => plain`<a href="${typeof b === "string" ? b : "/"}" hidden=${a === true}>${a}</a>`,
  (a, b) => plain`\n<!-- row --> <div\n  id=${`row-${typeof a}`}>${a}${b}</div> <!-- > -->`,
  (a, b) => plain`<!-- a\nb --><div\nid="x">${a}${b}</div><br />`,
  (a) => plain`<input id="field" value=${typeof a === "string" ? a : null} />`,
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
        (key) => build(model.items[KEYS.indexOf(key) % model.items.length] ?? leaf),
      );
    case "node":
      return page(model.shape, model.children);
  }
}

const leaf: Model = { kind: "scalar", value: "leaf" };

function page(shape: number, children: readonly Model[]): Template {
  const [a, b, c] = [0, 1, 2].map((index) => build(children[index] ?? leaf));
  return (shapes[shape] ?? ((value) => plain`${value}`))(a, b, c);
}

// Few different values, so that consecutive renders often agree in parts.
const SCALARS = ["", "a", "b", "<&>\"'", "javascript:x", 0, 1, -1.5, true, false, null] as const;
const KEYS: readonly (string | number)[] = ["1", 1, "a", "b", "c", 7, 8, "z"];

const { model } = fc.letrec<{ model: Model; node: Model; items: Model[] }>((tie) => ({
  items: fc.array(tie("model"), { maxLength: 4 }),
  node: fc.record({
    kind: fc.constant("node" as const),
    shape: fc.nat(shapes.length - 1),
    children: fc.array(tie("model"), { maxLength: 3 }),
  }),
  model: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("scalar" as const), value: fc.constantFrom(...SCALARS) }),
    fc.record({ kind: fc.constant("raw" as const), value: fc.constantFrom("", "<u>r</u>") }),
    tie("node"),
    fc.record({ kind: fc.constant("array" as const), items: tie("items") }),
    fc.record({
      kind: fc.constant("keyed" as const),
      keys: fc.shuffledSubarray([...KEYS]),
      items: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

/** Changes texts, shapes and lists of a model at the places that `choices` select. */
function evolve(before: Model, choices: Iterator<number, number>): Model {
  const choice = choices.next().value;
  const each = (models: readonly Model[]): readonly Model[] =>
    models.map((child) => evolve(child, choices));
  if (before.kind === "scalar") {
    return choice % 3 === 0 ? { ...before, value: SCALARS[choice % SCALARS.length] ?? "" } : before;
  }
  if (before.kind === "raw") return before;
  if (before.kind === "node") {
    const shape = choice % 7 === 0 ? choice % shapes.length : before.shape;
    return { ...before, shape, children: each(before.children) };
  }
  if (before.kind === "array") {
    const items = each(before.items);
    return { ...before, items: choice % 3 === 0 ? items.slice(1) : [...items, ...items.slice(-1)] };
  }
  const changes = [
    (keys: (string | number)[]) => keys,
    (keys: (string | number)[]) => keys.reverse(),
    (keys: (string | number)[]) => keys.slice(1),
    (keys: (string | number)[]) => [...keys.slice(2), ...keys.slice(0, 2)],
    (keys: (string | number)[]) => [...KEYS.filter((key) => !keys.includes(key)), ...keys],
    (keys: (string | number)[]) => [...keys.slice(1), ...KEYS.filter((key) => !keys.includes(key))],
  ];
  const keys = changes[choice % changes.length]?.([...before.keys]) ?? [];
  return { ...before, keys, items: each(before.items) };
}

function* endlessly(choices: readonly number[]): Generator<number, number> {
  for (let index = 0; ; index += 1) yield choices[index % choices.length] ?? 0;
}

// Most renders of a sequence have the same outermost shape, as those of views do.
const sequence = fc
  .record({
    first: fc.array(model, { minLength: 3, maxLength: 3 }),
    shapes: fc.array(fc.constantFrom(5, 5, 5, 5, 5, 4), { minLength: 2, maxLength: 6 }),
    choices: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 }),
  })
  .map(({ first, shapes: outer, choices }) => {
    const source = endlessly(choices);
    let children: readonly Model[] = first;
    return outer.map((shape) => {
      children = children.map((child) => evolve(child, source));
      return { shape, children };
    });
  });

let Rendered: OfficialRenderedClass;
beforeAll(async () => {
  Rendered = await loadOfficialRendered();
});

const overTheWire = (diff: object): WireTree => JSON.parse(JSON.stringify(diff)) as WireTree;

test("after each diff the official client and ours print the full render", () => {
  const seen = { moved: 0, movedAndChanged: 0, shared: 0, same: 0, skipped: 0 };
  fc.assert(
    fc.property(sequence, (steps) => {
      let previous: Template | undefined;
      let official: InstanceType<OfficialRenderedClass> | undefined;
      let ours: ReturnType<typeof createClientTree> | undefined;
      const browser = new ShownDocument();
      for (const { shape, children } of steps) {
        const next = page(shape, children);
        const diff = diffTemplates(previous, next);
        if (previous === undefined || official === undefined || ours === undefined) {
          official = new Rendered("phx-1", overTheWire(diff ?? {}));
          ours = createClientTree(overTheWire(diff ?? {}));
        } else if (diff === undefined) {
          seen.same += 1;
          expect(printHtml(next)).toBe(printHtml(previous));
        } else {
          const text = JSON.stringify(diff);
          if (text.includes('"km":true')) seen.moved += 1;
          if (/:\[\d+,\{/.test(text)) seen.movedAndChanged += 1;
          if (text.includes('"p":{')) seen.shared += 1;
          official.mergeDiff(overTheWire(diff));
          ours.merge(overTheWire(diff));
        }
        expect(browser.show(official.toString().buffer)).toBe(printHtml(next));
        expect(ours.toHtml()).toBe(printHtml(next));
        previous = next;
      }
      seen.skipped += browser.skipped;
    }),
    { numRuns: 2_000 },
  );
  // The property proves something only if the sequences produced every form of a diff.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(50);
});

test("two renders of the same model have no diff", () => {
  fc.assert(
    fc.property(model, (content) => {
      expect(diffTemplates(page(4, [content]), page(4, [content]))).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});
