import type { Browser, Page } from "playwright-core";
import { counterPath, type AdapterUnderTest } from "./adapters.ts";

/** The plain counter in Chromium with the official client, and the count that it should show. */
export class ChromiumCounter {
  readonly adapter: AdapterUnderTest;
  /** The count that the page should show. */
  count = 0;
  /** The page's node at the last check, such as `1 (process 4711)`. */
  node: string;
  readonly #page: Page;

  private constructor(page: Page, adapter: AdapterUnderTest, node: string) {
    this.#page = page;
    this.adapter = adapter;
    this.node = node;
  }

  static async open(
    browser: Browser,
    base: string,
    adapter: AdapterUnderTest,
  ): Promise<ChromiumCounter> {
    const page = await browser.newPage();
    await page.goto(new URL(counterPath(adapter.name), base).href);
    await page.locator(".phx-connected").waitFor();
    return new ChromiumCounter(page, adapter, (await page.locator(".node").textContent()) ?? "");
  }

  /** Presses the button, and waits until the page shows that the count is saved. */
  async increment(): Promise<void> {
    this.count += 1;
    await this.#page.getByRole("button", { name: "Increment" }).click();
    await this.#page
      .locator(".stat-value")
      .getByText(String(this.count), { exact: true })
      .waitFor();
    await this.#page.locator(".stashed").getByText("saved", { exact: true }).waitFor();
  }

  /**
   * Waits until a new view shows the count with this status. A new view is known by its empty result of
   * `stash()`.
   */
  async see(status: string): Promise<void> {
    const shown = await this.#page.waitForFunction((wanted) => {
      const text = (where: string): string => document.querySelector(where)?.textContent ?? "";
      const isConnected = document.querySelector(".phx-connected:not(.phx-loading)") !== null;
      const seen = [text(".stat-value"), text(".status"), text(".stashed")].join();
      return isConnected && seen === wanted ? text(".node") : undefined;
    }, [this.count, status, ""].join());
    this.node = String(await shown.jsonValue());
  }

  /** Loses the connection and reconnects, as in a tunnel. */
  reconnect(): Promise<void> {
    return this.#page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const { liveSocket } = window as unknown as {
            liveSocket: { disconnect(done: () => void): void; connect(): void };
          };
          liveSocket.disconnect(() => {
            liveSocket.connect();
            resolve();
          });
        }),
    );
  }
}
