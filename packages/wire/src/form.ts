/** A decoded form: names with brackets nest, `a[]` collects, for any other name the last value wins. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue };

/** Most fields that one form may have; the rest is ignored. */
export const MAX_FORM_FIELDS = 2000;
/** Deepest nesting of one name; a deeper name is ignored. */
export const MAX_FORM_DEPTH = 16;

type FormObject = { [key: string]: FormValue };

/** Objects here come from names that a client chose, so they have no prototype to reach. */
const emptyObject = (): FormObject => Object.create(null) as FormObject;

/** `user[address][street]` → `["user", "address", "street"]`; `undefined` if the name is not bracketed well. */
export function parseFieldName(name: string): string[] | undefined {
  const bracket = name.indexOf("[");
  if (bracket <= 0) return [name];
  const path = [name.slice(0, bracket)];
  let at = bracket;
  while (at < name.length) {
    const end = name.indexOf("]", at);
    if (name[at] !== "[" || end === -1) return [name];
    path.push(name.slice(at + 1, end));
    if (path.length > MAX_FORM_DEPTH) return undefined;
    at = end + 1;
  }
  return path;
}

function setField(root: FormObject, path: readonly string[], value: string): void {
  let target: FormObject | FormValue[] = root;
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1;
    const nextIsList = path[index + 1] === "";
    const child: FormValue = isLast ? value : nextIsList ? [] : emptyObject();
    if (Array.isArray(target)) {
      target.push(child);
      if (isLast || typeof child === "string") return;
      target = child;
      continue;
    }
    const existing: FormValue | undefined = target[key];
    const fits =
      !isLast &&
      typeof existing === "object" &&
      existing !== null &&
      Array.isArray(existing) === nextIsList;
    if (fits) {
      target = existing;
      continue;
    }
    target[key] = child;
    if (typeof child === "string") return;
    target = child;
  }
}

/**
 * Decodes a URL-encoded form as Phoenix does: `user[name]=a`, `tags[]=x`, `items[0][id]=1`.
 * Work is bounded by `MAX_FORM_FIELDS` and `MAX_FORM_DEPTH`.
 */
export function decodeForm(encoded: string): FormObject {
  const root = emptyObject();
  let count = 0;
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (++count > MAX_FORM_FIELDS) break;
    if (name === "") continue;
    const path = parseFieldName(name);
    if (path !== undefined) setField(root, path, value);
  }
  return root;
}
