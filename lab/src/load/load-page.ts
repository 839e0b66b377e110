import { get } from "node:http";
import { readCard, readPageHead, type Card, type PageHead } from "./page-html.ts";

/** A page as the server rendered it first. */
export interface LoadedPage extends PageHead {
  readonly url: string;
  readonly cookie: string;
  readonly card: Card | undefined;
}

/**
 * Loads a page as a browser does on its first visit: over a new connection, without a cookie.
 *
 * @throws Error if no page with a view arrives within `timeoutMs`.
 */
export function loadPage(
  url: string,
  localAddress: string,
  timeoutMs: number,
): Promise<LoadedPage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { localAddress, agent: false, timeout: timeoutMs }, (response) => {
      let document = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (document += text));
      response.once("error", reject);
      response.once("end", () => {
        const head = readPageHead(document);
        if (response.statusCode !== 200 || head === undefined) {
          reject(new Error(`status ${response.statusCode}`));
          return;
        }
        const cookies = response.headers["set-cookie"] ?? [];
        const cookie = cookies.map((each) => each.split(";", 1)[0]).join("; ");
        resolve({ ...head, url, cookie, card: readCard(document) });
      });
    });
    request.once("timeout", () => request.destroy(new Error("timeout")));
    request.once("error", reject);
  });
}
