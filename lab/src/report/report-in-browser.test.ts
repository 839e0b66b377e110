import { startChromium } from "@live-stash/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonPage } from "./comparison/comparison-page.ts";
import { compareResults } from "./comparison/compare-results.ts";
import { figuresOf } from "./figures.ts";
import { sampleResult } from "../../test/sample-result.ts";
import { reportPage } from "./report-page.ts";

type Browser = Awaited<ReturnType<typeof startChromium>>;

const result = sampleResult();
const pages = {
  report: reportPage(result),
  comparison: comparisonPage(compareResults(result, sampleResult({ seed: 8 }))),
};

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser.close());

/** Opens a page, and fails for any request or error of it. */
async function open(html: string, width: number) {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const complaints: string[] = [];
  page.on("request", (request) => complaints.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => complaints.push(message.text()));
  await page.setContent(html);
  return { page, complaints };
}

describe.each(Object.entries(pages))("the %s", (_, html) => {
  it.each([360, 820, 1280])(
    "needs neither sideways scrolling at %i px nor a network",
    async (width) => {
      const { page, complaints } = await open(html, width);
      const widest = await page.evaluate("document.documentElement.scrollWidth");
      expect(widest).toBe(width);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it("is as dark or as light as its reader wants", async () => {
    const { page } = await open(html, 1280);
    const colours = () =>
      page.evaluate(
        `[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.querySelector("path[data-adapter=redis]")).stroke]`,
      );
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colours();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await colours();
    expect(light).toEqual(["rgb(246, 247, 249)", "rgb(179, 18, 79)"]);
    expect(dark).toEqual(["rgb(13, 15, 20)", "rgb(240, 68, 127)"]);
    await page.close();
  });
});

describe("the report's script", () => {
  it("hides an adapter in every chart, and shows it again", async () => {
    const { page } = await open(pages.report, 1280);
    const line = page.locator(".plot path[data-adapter=memory]").first();
    const button = page.getByRole("button", { name: "Memory" });
    await button.click();
    expect(await line.isVisible()).toBe(false);
    expect(await button.getAttribute("aria-pressed")).toBe("false");
    await button.click();
    expect(await line.isVisible()).toBe(true);
    await page.close();
  });

  it("shows what every line was at the second under the pointer, and the summary again after", async () => {
    const { page } = await open(pages.report, 1280);
    const panel = page.locator("#figure-02-views-handles-timers .panel").first();
    const number = panel.locator(".legend li[data-adapter=redis] b");
    const summary = await number.textContent();
    await panel.scrollIntoViewIfNeeded();
    const box = await panel.locator(".plot").boundingBox();
    if (box === null) throw new Error("the plot is not visible");
    // The plot reaches from 58 to 368 of 380: 9 of 60 seconds, on the ramp.
    const x = ((58 + (9 / 60) * 310) / 380) * box.width;
    await page.mouse.move(box.x + x, box.y + box.height / 2);
    const line = figuresOf(result)[0]?.panels[0]?.lines.find(({ adapter }) => adapter === "redis");
    const value = line?.points.find(([second]) => second === 9)?.[1];
    expect(Number((await number.textContent())?.replace(",", ""))).toBeCloseTo(Number(value), -1);
    expect(await panel.locator(".cursor").isVisible()).toBe(true);
    await page.mouse.move(1, 1);
    expect(await number.textContent()).toBe(summary);
    await page.close();
  });
});
