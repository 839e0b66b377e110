import { LiveViewError } from "../errors.ts";
import type { Flash } from "../session/page-tokens.ts";

/**
 * Most bytes of all flash messages of a page, as JSON. A redirect carries them in a cookie, signed
 * and in base64, and browsers drop cookies above 4,096 bytes, their name and attributes included.
 */
export const MAX_FLASH_BYTES = 2_900;

/** Checks flash messages that get another one, of this kind. */
export function checkFlashSize(flash: Flash, kind: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(flash));
  if (bytes <= MAX_FLASH_BYTES) return;
  throw new LiveViewError(
    "flash_too_large",
    `socket.putFlash(${JSON.stringify(kind.slice(0, 80))}): expected all flash messages of a page ` +
      `to take at most ${MAX_FLASH_BYTES} bytes as JSON, found ${bytes}: they travel in a cookie. ` +
      "Shorten the message, or assign the long text and render it.",
  );
}
