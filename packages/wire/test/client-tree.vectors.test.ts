import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { createClientTree, type ClientTree, type WireTree } from "../src/index.ts";
import {
  type DiffVector,
  loadOfficialRendered,
  type OfficialRendered,
  type OfficialRenderedClass,
  readVector,
} from "./official-rendered.ts";

let Rendered: OfficialRenderedClass;
beforeAll(async () => {
  Rendered = await loadOfficialRendered();
});

const names = readdirSync(new URL("vectors", import.meta.url))
  .filter((file) => file.startsWith("diff-"))
  .map((file) => file.replace(".json", ""));

test("the folder of vectors is not empty", () => {
  expect(names.length).toBeGreaterThan(15);
});

describe.each(names)("%s", (name) => {
  const { steps, view_id: viewId }: DiffVector = readVector(name);

  test("the official client prints the HTML of the vector", () => {
    let rendered: OfficialRendered | undefined;
    for (const step of steps) {
      const { diff, title, reply, events } = Rendered.extract(structuredClone(step.diff));
      const isComponentOnly = rendered?.isComponentOnlyDiff(diff) ?? false;
      if (rendered === undefined) rendered = new Rendered(viewId, diff);
      else rendered.mergeDiff(diff);
      expect(title).toBe(step.title);
      expect(reply).toEqual(step.reply ?? null);
      expect(events).toEqual(step.events ?? []);
      if (isComponentOnly) {
        const printed = rendered
          .componentCIDs(diff)
          .map((cid) => [String(cid), rendered?.componentToString(cid).buffer]);
        expect(Object.fromEntries(printed)).toEqual(step.client_component_html);
        continue;
      }
      const { buffer, streams } = rendered.toString(rendered.componentCIDs(diff));
      if (step.client_html !== undefined) expect(buffer).toBe(step.client_html);
      expect([...streams]).toEqual(step.client_streams ?? []);
    }
  });

  test("our client tree prints the HTML of a browser's document", () => {
    let tree: ClientTree | undefined;
    for (const { diff, dom_html: domHtml, title, reply, events } of steps) {
      const effects =
        tree === undefined ? (tree = createClientTree(diff)).joinEffects : tree.merge(diff);
      expect(tree.toHtml()).toBe(domHtml);
      expect(effects).toEqual({ title, reply: reply ?? null, events: events ?? [] });
    }
  });
});

interface Traps {
  readonly cases: readonly {
    readonly name: string;
    readonly join: WireTree;
    readonly diff?: WireTree;
    readonly outcome: { readonly html?: string; readonly throws?: string };
  }[];
}

// These harm the official client only by the attributes that it adds, or later on.
const HARMLESS_HERE: readonly RegExp[] = [
  /^component without r/,
  /^r on a node with two/,
  /^id after a bare/,
];

describe.each(readVector<Traps>("traps").cases)("trap: $name", ({ name, join, diff, outcome }) => {
  test("the official client behaves as the vector says", () => {
    const print = (): string => {
      const rendered = new Rendered("phx-1", structuredClone(join));
      rendered.toString();
      if (diff !== undefined) rendered.mergeDiff(structuredClone(diff));
      return rendered.toString().buffer;
    };
    if (outcome.html !== undefined) expect(print()).toContain(outcome.html);
    else expect(nameAndMessage(print)).toContain(outcome.throws);
  });

  test("our client tree rejects the diff, or stays as it was", () => {
    const print = (): string => {
      const tree = createClientTree(join);
      if (diff !== undefined) tree.merge(diff);
      return tree.toHtml();
    };
    if (HARMLESS_HERE.some((pattern) => pattern.test(name))) expect(print()).toMatch(/<b|<i>/);
    else expect(print).toThrow(/^Merging a diff: expected/);
  });
});

function nameAndMessage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  return "no error";
}
