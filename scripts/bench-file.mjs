// Runs one benchmark for scripts/bench.mjs and sends its rows there.
const url = new URL(`../benchmarks/${process.argv[2]}`, import.meta.url).href;
const benchmark =
  /** @type {{ run: () => Promise<import("../benchmarks/bench-row.ts").BenchRow[]> }} */ (
    await import(url)
  );
process.send?.(await benchmark.run(), () => process.disconnect());
