import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { findChromium } from "./find-chromium.ts";

/**
 * Starts the machine's Chromium without a window. End it with `browser.close()`; it also ends with
 * this process.
 *
 * Playwright's own switches already keep it from calling home, updating itself, and slowing down
 * tabs in the background.
 *
 * @throws Error that says what to install if there is none, see {@link findChromium}.
 */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // The sandbox refuses to run as root and in most containers. The pages are all our own.
    chromiumSandbox: false,
    args: ["--disable-gpu", "--disable-quic", "--disable-domain-reliability"],
  });
}
