const TAG = /<(\/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi;
const VOID = /^(?:br|hr|img|input)$/i;

interface ShownElement {
  readonly html: string;
  /** The `id` by which the client finds the element, if it has one. */
  readonly id: string | undefined;
  /** The marked elements in this one. */
  readonly inner: ReadonlyMap<string, ShownElement>;
}

interface OpenElement {
  readonly name: string;
  readonly mark: string | undefined;
  readonly id: string | undefined;
  readonly start: number;
  readonly inner: Map<string, ShownElement>;
}

/**
 * The document that the prints of the official client lead to: in place of an empty element with
 * `data-phx-skip`, the browser keeps the element that it shows with the same `data-phx-id`.
 */
export class ShownDocument {
  #marked: ReadonlyMap<string, ShownElement> = new Map();
  /** The number of elements that the prints so far left as they were. */
  skipped = 0;

  /**
   * Returns the document after a print of balanced tags, without the client's own attributes.
   * @throws Error if the client would not find the element that it skips.
   */
  show(printed: string): string {
    const document: OpenElement = {
      name: "",
      mark: undefined,
      id: undefined,
      start: 0,
      inner: new Map(),
    };
    const open = [document];
    let html = "";
    let at = 0;
    for (const { 0: tag, 1: slash, 2: name = "", 3: attributes = "", index } of printed.matchAll(
      TAG,
    )) {
      if (index < at) continue;
      html += printed.slice(at, index);
      at = index + tag.length;
      const parent = open.at(-1) ?? document;
      if (slash === "/") {
        html += tag;
        this.#close(open, name, html);
        continue;
      }
      const [, mark] = /\sdata-phx-id="([^"]*)"/.exec(attributes) ?? [];
      const [, id] = /^[^]*? id="([^"]*)"/.exec(attributes) ?? [];
      if (/\sdata-phx-skip(?=[\s/]|$)/.test(attributes)) {
        const kept = this.#kept(mark, id);
        html += kept.html;
        if (!VOID.test(name)) at += `</${name}>`.length;
        add(parent.inner, mark ?? "", kept);
        continue;
      }
      const element = { name, mark, id, start: html.length, inner: new Map() };
      html += tag.replace(/ data-phx-id="[^"]*"/, "");
      open.push(element);
      if (VOID.test(name)) this.#close(open, name, html);
    }
    if (open.length > 1) throw new Error(`expected </${open.at(-1)?.name}> in: ${printed}`);
    this.#marked = all(document.inner);
    return html + printed.slice(at);
  }

  #close(open: OpenElement[], name: string, html: string): void {
    const element = open.pop();
    const parent = open.at(-1);
    if (element?.name.toLowerCase() !== name.toLowerCase() || parent === undefined) {
      throw new Error(`expected </${element?.name}>, found </${name}>`);
    }
    const { mark, id, inner, start } = element;
    if (mark !== undefined) add(parent.inner, mark, { html: html.slice(start), id, inner });
    else for (const [innerMark, shown] of inner) add(parent.inner, innerMark, shown);
  }

  #kept(mark: string | undefined, id: string | undefined): ShownElement {
    const kept = this.#marked.get(mark ?? "");
    if (kept === undefined || kept.id !== id) {
      throw new Error(`expected the skipped element ${mark} with id ${kept?.id}, found id ${id}`);
    }
    this.skipped += 1;
    return kept;
  }
}

function add(elements: Map<string, ShownElement>, mark: string, element: ShownElement): void {
  if (elements.has(mark)) throw new Error(`expected one element ${mark}, found two`);
  elements.set(mark, element);
}

function all(elements: ReadonlyMap<string, ShownElement>): Map<string, ShownElement> {
  const found = new Map(elements);
  for (const { inner } of elements.values()) {
    for (const [mark, element] of all(inner)) add(found, mark, element);
  }
  return found;
}
