import { describe, expect, test } from "vitest";
import { openPage } from "./open-page.ts";

const inSide = (side: "kept" | "lost", selector: string): string =>
  `[data-side=${side}] ${selector}`;

describe("the counter", () => {
  test("counts on both sides, and brings one back", async () => {
    const { page } = await openPage("/");
    for (let count = 0; count < 3; count += 1) await page.click(inSide("kept", ".is-primary"));
    expect(page.text(inSide("lost", ".count"))).toBe("3");

    await page.reconnect();

    expect(page.text(inSide("kept", ".count"))).toBe("3");
    expect(page.text(inSide("lost", ".count"))).toBe("0");
    expect(page.text("[data-fact=status]")).toBe("recovered");
    expect(page.text("[data-fact=restored]")).toBe("kept");
  });

  test("counts on from there, on each side alone", async () => {
    const { page } = await openPage("/");
    await page.click(inSide("kept", ".is-primary"));
    await page.reconnect();

    await page.click(inSide("kept", ".is-primary"));
    await page.click(inSide("lost", ".button"), { text: "One less" });

    expect(page.text(inSide("kept", ".count"))).toBe("2");
    expect(page.text(inSide("lost", ".count"))).toBe("-1");
  });

  test("comes back after a crash", async () => {
    const causes: unknown[] = [];
    const { page } = await openPage("/", (cause) => causes.push(cause));
    await page.click(inSide("kept", ".is-primary"));

    void page.click("[phx-click=crash]");
    await page.waitFor(({ crashed }) => crashed);
    await page.rejoin();

    expect(causes.map(String)).toEqual([expect.stringContaining("was asked to crash")]);
    expect(page.text(inSide("kept", ".count"))).toBe("1");
    expect(page.text(inSide("lost", ".count"))).toBe("0");
  });

  test("tells what was saved", async () => {
    const { page } = await openPage("/");
    expect(page.text("[data-fact=bytes]")).toBe("none yet");

    await page.click(inSide("kept", ".is-primary"));

    expect(page.text("[data-fact=bytes]")).toMatch(/^\d+ bytes$/);
    expect(page.text("[data-fact=entries]")).toBe("1 (1 connected)");
    expect(page.text(".log li:first-child span")).toMatch(/^Saved \d+ bytes$/);
  });

  test("starts over on both sides, and forgets the stash", async () => {
    const { page } = await openPage("/");
    await page.click(inSide("kept", ".is-primary"));

    await page.click("[phx-click=start_over]");
    expect(page.text(inSide("kept", ".count"))).toBe("0");
    await page.reconnect();

    expect(page.text("[data-fact=status]")).toBe("not_found");
  });

  test("asks for a restart of the server", async () => {
    const { page, restarts } = await openPage("/");

    await page.click("[phx-click=restart]");

    expect(restarts()).toBe(1);
  });
});

describe("tic-tac-toe", () => {
  test("shows the winning line, and brings board and score back", async () => {
    const { page } = await openPage("/tic-tac-toe");
    for (const place of ["Top left", "Bottom right", "Bottom left", "Middle left"]) {
      await page.click(inSide("kept", ".cell"), { text: `${place}, empty` });
    }
    expect(page.text(inSide("kept", "[data-outcome]"))).toBe("You won.");
    expect(page.html.match(/is-winning/g)).toHaveLength(6);

    await page.reconnect();

    expect(page.text(inSide("kept", "[data-outcome]"))).toBe("You won.");
    expect(page.text(inSide("kept", ".score"))).toBe("You 1 : 0 Server");
    expect(page.text(inSide("lost", "[data-outcome]"))).toBe("Your turn: you are X.");
    expect(page.text(inSide("lost", ".score"))).toBe("You 0 : 0 Server");
    expect(page.html.match(/class="strike"/g)).toHaveLength(1);

    await page.click(inSide("kept", ".button"), { text: "Next round" });
    expect(page.text(inSide("kept", ".score"))).toBe("You 1 : 0 Server");
  });
});

describe("the long form", () => {
  test("is where it was, with all answers; the other side is on its first step", async () => {
    const { page } = await openPage("/form");
    await page.submit("#kept-you", { name: "Ada", email: "ada@example.org" });
    await page.submit("#kept-journey", { from: "Warsaw", to: "Kraków", day: "2026-11-20" });
    await page.change("#kept-suitcase", { size: "large", looks: "Green, with a submarine on it" });
    expect(page.html).toContain('id="lost-suitcase"');

    await page.reconnect();

    expect(page.html).toContain('id="lost-you"');
    expect(page.text("#kept-suitcase-looks")).toBe("Green, with a submarine on it");
    await page.submit("#kept-suitcase");
    await page.submit("#kept-return", { way: "pickup" });
    expect(page.text(inSide("kept", ".review"))).toContain("Ada · ada@example.org");
    expect(page.text(inSide("kept", ".review"))).toContain("I pick it up");
    await page.click(inSide("kept", "[phx-click=go_on]"));
    expect(page.text("#kept-step")).toBe("Sent. Thank you!");
  });

  test("shows problems at their fields, and takes the focus there", async () => {
    const { page } = await openPage("/form");

    await page.submit("#kept-you", { name: "Ada" });

    expect(page.text("#kept-you-email-problem")).toContain("Enter an address");
    expect(page.html).not.toContain("kept-you-name-problem");
    expect(page.events.at(-1)).toEqual({
      name: "showcase:focus",
      payload: { id: "kept-you-email" },
    });
  });

  test("what the client sends from the fields after a reconnect goes to that side alone", async () => {
    const { page } = await openPage("/form");
    await page.submit("#kept-you", { name: "Ada", email: "ada@example.org" });
    await page.reconnect();

    await page.change("#lost-you", { name: "Grace" });

    expect(page.html).toContain('id="kept-journey"');
    expect(page.html).toContain('value="Grace"');
    await page.click(inSide("kept", "[phx-click=go_back]"));
    expect(page.html).toContain('value="Ada"');
  });

  test("goes back to one step from the review", async () => {
    const { page } = await openPage("/form");
    await page.submit("#kept-you", { name: "Ada", email: "ada@example.org" });
    await page.submit("#kept-journey", { from: "Warsaw", to: "Kraków", day: "2026-11-20" });
    await page.submit("#kept-suitcase", { size: "large", looks: "Green, with a submarine on it" });
    // The address is asked for once the courier is chosen.
    await page.change("#kept-return", { way: "courier" });
    await page.submit("#kept-return", { address: "Main street 1" });

    await page.click(inSide("kept", ".link"), { text: "Change Your journey" });

    expect(page.text("#kept-step")).toBe("Your journey");
    expect(page.text("#lost-step")).toBe("Your journey");
  });
});

test("live navigation leads from page to page, and marks where one is", async () => {
  const { page } = await openPage("/");

  await page.click(".pages a", { text: "Long form" });

  expect(page.text("h1")).toContain("suitcase");
  expect(page.text(".pages [aria-current=page]")).toBe("Long form");
  expect(page.title).toBe("Long form");
});
