/** Something to time. Whatever must not be timed happens in `prepare`. */
export interface Contender<Input> {
  /** Called before each sample, with how many inputs the sample takes. */
  readonly prepare: (count: number) => readonly Input[];
  readonly run: (input: Input) => unknown;
}

export interface Sampling {
  readonly samples: number;
  readonly runsPerSample: number;
  readonly warmUpSamples: number;
}

/** Medians of the time of one run, in µs. */
export interface Medians {
  readonly subjectUs: number;
  readonly controlUs: number;
  /** The median of the ratios within each pair of samples: drift of the machine cancels out. */
  readonly ratio: number;
}

/** Times a subject against a control, sample by sample in turn, each run awaited. */
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

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  );
}

/** Memory in bytes. `rss` is what the system gave; `heap` and `external` are parts of it. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

/** The memory of the process after a garbage collection. Needs `--expose-gc`. */
export async function settledMemoryBytes(): Promise<Memory> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error("Measuring memory needs `node --expose-gc`.");
  for (let round = 0; round < 4; round += 1) {
    collect();
    // Buffers are released by finalizers, which run between turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed, external };
}
