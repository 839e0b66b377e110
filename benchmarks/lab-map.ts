/**
 * The state of the performance lab's page: a long, shallow map of regular entries. Its JSON takes
 * 5,121 bytes at a count of one digit, of which every twentieth entry follows the count.
 */
export function labMap(count: number): Record<string, string> {
  const entries: Record<string, string> = {};
  for (let index = 0; index < 128; index += 1) {
    const number = String(index).padStart(4, "0");
    const suffix = index % 20 === 7 ? `c${count}` : "do";
    entries[`item_${number}`] = `value-${number}-lorem-ipsum-${suffix}`;
  }
  return entries;
}
