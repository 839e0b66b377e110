import { describe, expect, test } from "vitest";
import {
  blankReport,
  fieldsOf,
  fillIn,
  goBack,
  goOn,
  problemsOf,
  returnTo,
  type LostReport,
} from "../src/luggage/lost-report.ts";

const YOU = { name: "Ada", email: "ada@example.org" };
const JOURNEY = { from: "Warsaw", to: "Kraków", day: "2026-11-20" };
const SUITCASE = { size: "large", looks: "Green, with a sticker of a submarine" };

function answered(...answers: readonly Readonly<Record<string, string>>[]): LostReport {
  return answers.reduce<LostReport>((report, each) => goOn(fillIn(report, each)), blankReport());
}

describe("steps", () => {
  test("go on when their questions are answered, up to the review and the end", () => {
    const report = answered(YOU, JOURNEY, SUITCASE, { way: "pickup" });

    expect(report.step).toBe("review");
    expect(goOn(report).step).toBe("sent");
    expect(goOn(goOn(report)).step).toBe("sent");
  });

  test("stay, and show what is wrong, when they are not", () => {
    const report = goOn(fillIn(blankReport(), { name: "  ", email: "ada" }));

    expect(report).toMatchObject({ step: "you", isChecked: true });
    expect([...problemsOf("you", report.values).keys()]).toEqual(["name", "email"]);
  });

  test("go back without losing anything", () => {
    const report = goBack(answered(YOU, JOURNEY));

    expect(report).toEqual({ step: "journey", values: { ...YOU, ...JOURNEY }, isChecked: false });
    expect(goBack(blankReport())).toEqual(blankReport());
  });

  test("can be returned to from the review, by their name", () => {
    const review = answered(YOU, JOURNEY, SUITCASE, { way: "pickup" });

    expect(returnTo(review, "journey").step).toBe("journey");
    expect(returnTo(review, "sent")).toBe(review);
    expect(returnTo(blankReport(), "return").step).toBe("you");
    expect(returnTo(goOn(review), "you").step).toBe("sent");
    expect(goBack(goOn(review)).step).toBe("sent");
  });
});

describe("answers", () => {
  test("only of the step that asks for them, as text, of bounded length", () => {
    const sent = {
      name: "x".repeat(900),
      email: ["ada@example.org"],
      from: "Warsaw",
      side: "kept",
    };

    expect(fillIn(blankReport(), sent).values).toEqual({ name: "x".repeat(500) });
  });

  test("the address is asked for if there is a courier", () => {
    const asked = (way: string): string[] => fieldsOf("return", { way }).map(({ name }) => name);

    expect(asked("pickup")).toEqual(["way"]);
    expect(asked("courier")).toEqual(["way", "address"]);
    expect(answered(YOU, JOURNEY, SUITCASE, { way: "courier" }).step).toBe("return");
  });
});
