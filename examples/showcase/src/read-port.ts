/** Where the showcase listens if nothing else is said. */
export const USUAL_PORT = 4000;

/**
 * Reads the environment's `PORT`.
 *
 * @param text as it is set; unset and empty mean `usualPort`, and 0 a free one.
 * @throws Error with what was expected and found, if it is no port.
 */
export function readPort(text: string | undefined, usualPort: number): number {
  if (text === undefined || text.trim() === "") return usualPort;
  const port = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new Error(`PORT: expected a whole number from 0 to 65535, found "${text}".`);
}
