// Follows imports and holds them against the arrows (.dependency-cruiser.cjs, scripts/walls.cjs).
import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { houses, packagePattern, patternOf, roomOf } from "./walls.cjs";

/** @typedef {import("dependency-cruiser").ICruiseResult} Cruise */

const isTest = (/** @type {string} */ source) => source.endsWith(".test.ts");

/**
 * Follows the imports of some files or folders.
 *
 * @param {string} workspace The folder that has `.dependency-cruiser.cjs`.
 * @param {readonly string[]} sources Files and folders in it.
 * @param {{ maxDepth?: number, rules?: readonly string[] }} [options] `maxDepth: 1` follows no imported
 *   file; `rules` names the only ones that count.
 * @returns {Promise<Cruise>}
 */
export async function followImports(workspace, sources, { maxDepth = 0, rules } = {}) {
  const { ruleSet, ...options } = await extractOptions(join(workspace, ".dependency-cruiser.cjs"));
  const { forbidden = [] } = ruleSet ?? {};
  const counted = forbidden.filter(({ name = "" }) => rules?.includes(name) ?? true);
  const { output } = await cruise(
    [...sources],
    { ...options, ruleSet: { ...ruleSet, forbidden: counted }, baseDir: workspace, maxDepth },
    {},
    { tsConfig: extractTSConfig(join(workspace, "tsconfig.json")) },
  );
  if (typeof output === "string") throw new Error(`Expected a cruise's result, found ${output}.`);
  return output;
}

/**
 * Describes each violation: the rule, the import, and the reason for the rule.
 *
 * @param {Cruise} cruise
 */
export function describeViolations({ summary: { violations, ruleSetUsed } }) {
  return violations.map(({ rule, from, to, cycle }) => {
    const way = [from, ...(cycle?.map(({ name }) => name) ?? [to])].join(" → ");
    const why = ruleSetUsed?.forbidden?.find(({ name }) => name === rule.name)?.comment;
    return `${rule.name}: ${way}\n  ${why}`;
  });
}

/**
 * Describes each mismatch between walls and houses: files without a room, and arrows that
 * nothing needs. Both would leave a gap.
 *
 * @param {Cruise} cruise of everything
 */
export function findGaps({ modules }) {
  /** @type {string[]} */
  const gaps = [];
  for (const house of houses) {
    const inside = modules.filter(({ source }) => source.startsWith(`${house.root}/`));
    for (const { source } of inside) {
      if (isTest(source) || roomOf(house, source) !== undefined) continue;
      gaps.push(`no-room: ${source}\n  Add it to a room of ${house.root} in scripts/walls.cjs.`);
    }
    for (const room of house.rooms) {
      const targets = inside
        .filter(({ source }) => !isTest(source) && roomOf(house, source) === room)
        .flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved));
      const ways = [
        ...room.uses.map((use) => ({ use, pattern: patternOfRoom(house, use) })),
        ...room.packages.map((use) => ({ use, pattern: packagePattern(use) })),
      ];
      for (const { use, pattern } of ways) {
        if (targets.some((target) => new RegExp(pattern).test(target))) continue;
        gaps.push(
          `unused-arrow: ${house.root}: ${room.name} → ${use}\n` +
            "  Nothing there imports it. Remove it in scripts/walls.cjs.",
        );
      }
    }
  }
  return gaps;
}

/**
 * @param {import("./walls.cjs").House} house
 * @param {string} name
 */
function patternOfRoom(house, name) {
  const room = house.rooms.find((other) => other.name === name);
  return room === undefined ? "^$" : patternOf(house, room);
}
