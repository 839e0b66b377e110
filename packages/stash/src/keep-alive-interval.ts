/** How often the deadlines of connected views are moved. */
export function keepAliveIntervalMs(ttlMs: number): number {
  return Math.ceil(ttlMs / 4);
}
