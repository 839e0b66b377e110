import {
  checkOptionNames,
  describeFound,
  invalidOption,
  positiveInteger,
} from "./option-checks.ts";

/** How states are protected in the browser. */
export type SecurityMode = "encrypt" | "sign";

/** What browsers hold, and how much of it. */
export interface BrowserHeldAdapterOptions {
  /**
   * `encrypt` (AES-256-GCM): nobody can read the state, the user neither. `sign` (HMAC-SHA-256): the
   * user can read it and nobody can change it; the string is 16 characters shorter. No default: say which.
   */
  readonly securityMode: SecurityMode;
  /**
   * The largest record, in bytes after compression. Default 262,144, at most 1,048,576: as a string a
   * third larger, it comes with each join, and those of one LiveView socket may take 8 MiB together.
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 262_144;
const MOST_BYTES = 1_048_576;
const of = "createBrowserHeldAdapter";

/** Rejects with `invalid_option`. */
export function parseBrowserHeldOptions(
  options: BrowserHeldAdapterOptions,
): Required<BrowserHeldAdapterOptions> {
  checkOptionNames(of, options, ["securityMode", "maxBytes"]);
  const { securityMode } = options;
  if (securityMode !== "encrypt" && securityMode !== "sign") {
    throw invalidOption({
      caller: of,
      option: "securityMode",
      expected: '"encrypt" or "sign"',
      found: describeFound(securityMode),
      advice: 'Choose "encrypt" unless users may read what is stored about them.',
    });
  }
  const maxBytes = positiveInteger(of, "maxBytes", options.maxBytes, DEFAULT_MAX_BYTES);
  if (maxBytes > MOST_BYTES) {
    throw invalidOption({
      caller: of,
      option: "maxBytes",
      expected: `at most ${MOST_BYTES}, which as a string fits into a frame when a view joins`,
      found: String(maxBytes),
      advice: `Leave it out for the default of ${DEFAULT_MAX_BYTES}.`,
    });
  }
  return { securityMode, maxBytes };
}
