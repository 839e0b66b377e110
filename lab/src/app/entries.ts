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
    const end = index % 20 === 7 ? `c${count}` : "do";
    entries[KEYS[index] ?? ""] = `value-${NUMBERS[index]}-lorem-ipsum-${end}`;
  }
  return entries;
}

/** An application knows the names of its entries, too. */
const NUMBERS = Array.from({ length: ENTRY_COUNT }, (_, index) => String(index).padStart(4, "0"));
const KEYS = NUMBERS.map((number) => `item_${number}`);
