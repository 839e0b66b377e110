/** A function to time. Work that must not be timed happens in `prepare`. */
export interface Contender<Input> {
  /** Creates the inputs of a sample, before each sample. */
  readonly prepare: (count: number) => readonly Input[];
  readonly run: (input: Input) => unknown;
}

export interface Sampling {
  readonly samples: number;
  readonly runsPerSample: number;
  readonly warmUpSamples: number;
}

/** The medians of the time per run, in µs. */
export interface Medians {
  readonly subjectUs: number;
  readonly controlUs: number;
  /** The median of the ratios within each pair of samples, in which the machine's drift cancels out. */
  readonly ratio: number;
}

/** Times a subject and a control in alternating samples, and awaits each run. */
export async function measureAgainst<Subject, Control>(
  subject: Contender<Subject>,
  control: Contender<Control>,
  { samples, runsPerSample, warmUpSamples }: Sampling,
): Promise<Medians> {
  const pairs: { subjectUs: number; controlUs: number }[] = [];
  for (let sample = -warmUpSamples; sample < samples; sample += 1) {
    const pair = {
      subjectUs: await timeSample(subject, runsPerSample),
      controlUs: await timeSample(control, runsPerSample),
    };
    if (sample >= 0) pairs.push(pair);
  }
  return {
    subjectUs: median(pairs.map(({ subjectUs }) => subjectUs)),
    controlUs: median(pairs.map(({ controlUs }) => controlUs)),
    ratio: median(pairs.map(({ subjectUs, controlUs }) => subjectUs / controlUs)),
  };
}

async function timeSample<Input>(
  { prepare, run }: Contender<Input>,
  runs: number,
): Promise<number> {
  const inputs = prepare(runs);
  const startedNs = process.hrtime.bigint();
  for (const input of inputs) await run(input);
  return Number(process.hrtime.bigint() - startedNs) / runs / 1_000;
}

/** Returns the middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  );
}

/** Memory in bytes. `rss` is all memory of the process; `heap` and `external` are parts of it. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

/** Measures the memory of the process after a garbage collection. Needs `--expose-gc`. */
export async function settledMemoryBytes(): Promise<Memory> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error("Measuring memory: expected `node --expose-gc`.");
  for (let round = 0; round < 4; round += 1) {
    collect();
    // Buffers are released by finalizers, which run between ticks of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external };
}
