import type { ViewParams } from "./socket.ts";

/**
 * Reads a parameter that is text, as every path parameter is: `textParam(params, "page") ?? "1"`.
 * `undefined` if the URL has none of that name, or a list or an object, as `?page[]=1` makes it.
 */
export function textParam(params: ViewParams, name: string): string | undefined {
  const value = params[name];
  return typeof value === "string" ? value : undefined;
}
