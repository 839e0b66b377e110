import { expect, test } from "vitest";
import { findChromium } from "./find-chromium.ts";

const executable = process.execPath;

test("CHROMIUM_PATH has priority over the usual paths", () => {
  expect(findChromium({ CHROMIUM_PATH: executable }, ["/bin/sh"])).toBe(executable);
});

test("findChromium() returns the first usual path with an executable", () => {
  expect(findChromium({}, ["/nowhere/chromium", executable, "/bin/sh"])).toBe(executable);
  expect(findChromium({ CHROMIUM_PATH: "" }, [executable])).toBe(executable);
});

test("a wrong CHROMIUM_PATH is an error, even if a usual path has an executable", () => {
  expect(() => findChromium({ CHROMIUM_PATH: "/nowhere/chromium" }, [executable])).toThrow(
    "CHROMIUM_PATH is /nowhere/chromium, which is not an executable file",
  );
});

test("without Chromium, the error says what to install", () => {
  expect(() => findChromium({}, ["/nowhere/chromium"])).toThrow(
    /expected it at one of \/nowhere\/chromium.*apt-get install chromium.*CHROMIUM_PATH/,
  );
});
