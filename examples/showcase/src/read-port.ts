/** The default port of the showcase. */
const USUAL_PORT = 4000;

/**
 * Reads the environment's `PORT`.
 *
 * @param text The variable's value. Unset and empty mean 4000, and 0 a free port.
 * @throws Error if the value is not a port.
 */
export function readPort(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return USUAL_PORT;
  const port = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Error(`PORT: expected a whole number from 0 to 65535, got "${text}".`);
}
