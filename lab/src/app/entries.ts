/** The entry that `data-probe` shows: its value follows the count. */
export const PROBE_KEY = "item_0007";

const ENTRY_COUNT = 128;

/** How many entries a page has, always. */
export const EXPECTED_SIZE = ENTRY_COUNT;

/** What `data-probe` must show at a count. */
export const expectedProbe = (count: number): string => `value-0007-lorem-ipsum-c${count}`;

/**
 * The state of a page besides its count: a long, shallow map of regular entries, of which every
 * twentieth follows the count. Its JSON takes 5,121 bytes at a count of one digit.
 */
export function buildEntries(count: number): Record<string, string> {
  const entries: Record<string, string> = {};
  for (let index = 0; index < ENTRY_COUNT; index += 1) {
    const number = String(index).padStart(4, "0");
    const end = index % 20 === 7 ? `c${count}` : "do";
    entries[`item_${number}`] = `value-${number}-lorem-ipsum-${end}`;
  }
  return entries;
}
