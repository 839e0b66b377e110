/** A decoded form: names with brackets nest, `a[]` collects, for any other name the last value wins. */
export type FormValue = string | readonly FormValue[] | { readonly [key: string]: FormValue };

/**
 * The most fields of one form or query, because 50,000 fields with nested names of 40 bytes already take
 * 2 MB of the 16 MiB of a frame. The client's `_unused_…` entries are counted apart, up to the same limit.
 */
export const MAX_FORM_FIELDS = 50_000;
/** The most objects and lists in one form or query. A row of a table is one object. */
export const MAX_FORM_CONTAINERS = 50_000;
/** The deepest nesting of one name, far above any real form: `a[b]` has a depth of 2. */
export const MAX_FORM_DEPTH = 64;

/** Thrown for a form or query above a limit. The message names the limit, not the content. */
export class FormLimitError extends Error {
  override readonly name = "FormLimitError";
  readonly code = "form_too_large";
}

type MutableValue = string | MutableValue[] | MutableObject;
interface MutableObject {
  [key: string]: MutableValue;
}

/** Prefix of the entries that the client adds for fields that the user has not touched yet. */
const UNUSED_PREFIX = "_unused_";

/** Creates an object without prototype, because clients choose the keys. */
const emptyObject = (): MutableObject => Object.create(null) as MutableObject;

function exceeded(expected: string): never {
  throw new FormLimitError(
    `Decoding a form or query: expected ${expected}, found more. ` +
      "Send less at a time, such as one page of a table, or only the fields that changed.",
  );
}

/**
 * Splits `user[address][street]` into `["user", "address", "street"]`. A name with unbalanced brackets is
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
 * `items[0][id]=1`. `MAX_FORM_FIELDS`, `MAX_FORM_CONTAINERS` and `MAX_FORM_DEPTH` bound the work; a form
 * above one of them is not decoded at all.
 * @param encoded Text without a leading `?`, or the parameters of a URL.
 * @throws FormLimitError above a limit.
 */
export function decodeForm(encoded: string | URLSearchParams): Record<string, FormValue> {
  const form = new FormBuilder();
  // Count before parsing, because an entry of two characters takes 30 times as much once it is parsed.
  if (typeof encoded === "string" && hasMoreEntries(encoded, 2 * MAX_FORM_FIELDS)) {
    return exceeded(`at most ${MAX_FORM_FIELDS} fields`);
  }
  const entries = typeof encoded === "string" ? new URLSearchParams(encoded) : encoded;
  for (const [name, value] of entries) form.add(name, value);
  return form.root;
}
