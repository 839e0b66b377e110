/** The key of the entry that `data-probe` shows. Its value changes with the count. */
export const PROBE_KEY = "item_0007";

const ENTRY_COUNT = 128;

/** The number of entries of every page. */
export const EXPECTED_SIZE = ENTRY_COUNT;

/** Returns the value that `data-probe` must show at a count. */
export const expectedProbe = (count: number): string => `value-0007-lorem-ipsum-c${count}`;

/**
 * Builds the state of a page besides its count: a long, shallow map, every twentieth entry of which
 * changes with the count. Its JSON takes 5,121 bytes at a count of one digit.
 */
export function buildEntries(count: number): Record<string, string> {
  const entries: Record<string, string> = {};
  for (let index = 0; index < ENTRY_COUNT; index += 1) {
    const end = index % 20 === 7 ? `c${count}` : "do";
    entries[KEYS[index] ?? ""] = `value-${NUMBERS[index]}-lorem-ipsum-${end}`;
  }
  return entries;
}

// Built once: an application has the names of its entries as constants, too.
const NUMBERS = Array.from({ length: ENTRY_COUNT }, (_, index) => String(index).padStart(4, "0"));
const KEYS = NUMBERS.map((number) => `item_${number}`);
