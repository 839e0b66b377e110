import type { LabResult } from "../result.ts";
import { aboutSection } from "./about-section.ts";
import { costSection } from "./cost-section.ts";
import { countsSection } from "./counts-section.ts";
import { figuresSection } from "./figures-section.ts";
import { overviewSection } from "./overview-section.ts";
import { page } from "./page.ts";
import { timesSection } from "./times-section.ts";

/** Renders a run as one HTML page: the verdict first, the machine and the scenario last. */
export function reportPage(result: LabResult): string {
  const name = result.stashing === undefined ? "LiveStash lab" : "LiveStash lab, the control";
  return page(`${name}, ${result.startedAt.slice(0, 10)}`, [
    overviewSection(result),
    costSection(result),
    timesSection(result),
    figuresSection(result),
    countsSection(result),
    aboutSection(result),
  ]);
}
