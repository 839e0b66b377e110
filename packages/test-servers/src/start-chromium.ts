import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { findChromium } from "./find-chromium.ts";

/**
 * Starts the machine's Chromium without a window. The browser ends with `browser.close()`, or with this
 * process.
 *
 * Playwright's own switches already disable telemetry, updates, and the throttling of background tabs.
 *
 * @throws Error if there is no Chromium, see {@link findChromium}.
 */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // The sandbox does not run as root or in most containers, and all pages are our own.
    chromiumSandbox: false,
    args: ["--disable-gpu", "--disable-quic", "--disable-domain-reliability"],
  });
}
