/** An event of the page that was too large to be read. */
export interface RefusedEvent {
  /** Its name, where that could be read. Not trusted. */
  readonly event: string | undefined;
  /** The size of its frame in bytes, or the least that it had. */
  readonly bytes: number;
  /** The limit in bytes: `limits.maxFrameBytes`. */
  readonly maxBytes: number;
}

/** Tells a person, for views without `handleTooLarge`. */
export function tooLargeText({ bytes, maxBytes }: RefusedEvent): string {
  if (bytes <= maxBytes) return "What you sent has too many parts. It was not taken.";
  const megabytes = (each: number): string => (each / 1_000_000).toFixed(1);
  return (
    `What you sent is too large (${megabytes(bytes)} MB, at most ${megabytes(maxBytes)} MB). ` +
    "It was not taken."
  );
}
