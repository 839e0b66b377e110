/** A decoded form: names with brackets nest, `a[]` collects, for any other name the last value wins. */
export type FormValue = string | readonly FormValue[] | { readonly [key: string]: FormValue };

/**
 * Most fields that one form or query may have: with 40 bytes a field, as nested names have, they take
 * 2 MB of the 16 MiB of a frame. The client's `_unused_…` entries do not count; there may be as many again.
 */
export const MAX_FORM_FIELDS = 50_000;
/** Most objects and lists that the names of one form or query may make: a row of a table is one. */
export const MAX_FORM_CONTAINERS = 50_000;
/** Deepest nesting of one name, far above what a person writes: `a[b]` has a depth of 2. */
export const MAX_FORM_DEPTH = 64;

/** A form or query is larger than what is decoded. The message names the limit, not the content. */
export class FormLimitError extends Error {
  override readonly name = "FormLimitError";
  readonly code = "form_too_large";
}

type MutableValue = string | MutableValue[] | MutableObject;
interface MutableObject {
  [key: string]: MutableValue;
}

/** Prefix of the entries that the client adds for fields that nobody has touched yet. */
const UNUSED_PREFIX = "_unused_";

/** Objects here come from names that a client chose, so they have no prototype to reach. */
const emptyObject = (): MutableObject => Object.create(null) as MutableObject;

function exceeded(expected: string): never {
  throw new FormLimitError(
    `Decoding a form or query: expected ${expected}, found more. ` +
      "Send less at a time, such as one page of a table, or only the fields that changed.",
  );
}

/**
 * `user[address][street]` → `["user", "address", "street"]`; a name that is not bracketed well is
 * one part.
 * @throws FormLimitError for a name deeper than `MAX_FORM_DEPTH`.
 */
export function parseFieldName(name: string): string[] {
  const bracket = name.indexOf("[");
  if (bracket <= 0) return [name];
  const path = [name.slice(0, bracket)];
  let at = bracket;
  while (at < name.length) {
    const end = name.indexOf("]", at);
    if (name[at] !== "[" || end === -1) return [name];
    path.push(name.slice(at + 1, end));
    if (path.length > MAX_FORM_DEPTH) {
      return exceeded(`names nested at most ${MAX_FORM_DEPTH} levels deep`);
    }
    at = end + 1;
  }
  return path;
}

class FormBuilder {
  readonly root: MutableObject = emptyObject();
  #fields = 0;
  #unused = 0;
  #containers = 0;

  add(name: string, value: string): void {
    if (name === "") return;
    const path = parseFieldName(name);
    const isUnused = path.at(-1)?.startsWith(UNUSED_PREFIX) === true;
    const count = isUnused ? (this.#unused += 1) : (this.#fields += 1);
    if (count > MAX_FORM_FIELDS) {
      exceeded(`at most ${MAX_FORM_FIELDS} ${isUnused ? "`_unused_` entries" : "fields"}`);
    }
    this.#set(path, value);
  }

  #set(path: readonly string[], value: string): void {
    let target: MutableObject | MutableValue[] = this.root;
    for (const [index, key] of path.entries()) {
      const isLast = index === path.length - 1;
      const nextIsList = path[index + 1] === "";
      const existing: MutableValue | undefined = Array.isArray(target) ? undefined : target[key];
      if (!isLast && typeof existing === "object" && Array.isArray(existing) === nextIsList) {
        target = existing;
        continue;
      }
      const child: MutableValue = isLast ? value : this.#container(nextIsList);
      if (Array.isArray(target)) target.push(child);
      else target[key] = child;
      if (typeof child === "string") return;
      target = child;
    }
  }

  #container(isList: boolean): MutableObject | MutableValue[] {
    this.#containers += 1;
    if (this.#containers > MAX_FORM_CONTAINERS) {
      exceeded(`at most ${MAX_FORM_CONTAINERS} objects and lists`);
    }
    return isList ? [] : emptyObject();
  }
}

function hasMoreEntries(encoded: string, max: number): boolean {
  let at = -1;
  for (let count = 0; count <= max; count++) {
    at = encoded.indexOf("&", at + 1);
    if (at === -1) return false;
  }
  return true;
}

/**
 * Decodes a URL-encoded form or query as Phoenix does: `user[name]=a`, `tags[]=x`,
 * `items[0][id]=1`. All of it, or none: work is bounded by `MAX_FORM_FIELDS`,
 * `MAX_FORM_CONTAINERS` and `MAX_FORM_DEPTH`.
 * @param encoded Text without a leading `?`, or the parameters of a URL.
 * @throws FormLimitError above a limit.
 */
export function decodeForm(encoded: string | URLSearchParams): Record<string, FormValue> {
  const form = new FormBuilder();
  // Before they become a list, of which each entry takes 30 times its two characters.
  if (typeof encoded === "string" && hasMoreEntries(encoded, 2 * MAX_FORM_FIELDS)) {
    return exceeded(`at most ${MAX_FORM_FIELDS} fields`);
  }
  const entries = typeof encoded === "string" ? new URLSearchParams(encoded) : encoded;
  for (const [name, value] of entries) form.add(name, value);
  return form.root;
}
