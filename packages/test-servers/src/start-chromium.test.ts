import { expect, test } from "vitest";
import { startChromium } from "./start-chromium.ts";

test("startChromium() starts a browser that runs scripts, and close() ends it", async () => {
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    await page.setContent("<title>Hello</title>");

    expect(await page.evaluate("document.title + ' ' + (1 + 1)")).toBe("Hello 2");
  } finally {
    await browser.close();
  }
  expect(browser.isConnected()).toBe(false);
});
