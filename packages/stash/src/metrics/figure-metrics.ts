import { Counter, Gauge } from "prom-client";

/** One value of a figure, with what it is labelled with besides the instance. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Figure<Figures> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly read: (figures: Figures) => readonly Sample[];
}

/** Adapters whose figures are read when they are asked for. */
export type Instances<Figures> = Readonly<Record<string, { figures(): Figures }>>;

/** What may also become less. */
export function gauge<Figures>(instances: Instances<Figures>, figure: Figure<Figures>): Gauge {
  const { name, help, labelNames = [] } = figure;
  return new Gauge({
    name,
    help,
    labelNames: ["adapter_instance", ...labelNames],
    registers: [],
    collect() {
      forEachSample(instances, figure, (labels, value) => this.set(labels, value));
    },
  });
}

/** What adapters count themselves. */
export function counter<Figures>(instances: Instances<Figures>, figure: Figure<Figures>): Counter {
  const { name, help, labelNames = [] } = figure;
  return new Counter({
    name,
    help,
    labelNames: ["adapter_instance", ...labelNames],
    registers: [],
    collect() {
      this.reset();
      forEachSample(instances, figure, (labels, value) => this.inc(labels, value));
    },
  });
}

function forEachSample<Figures>(
  instances: Instances<Figures>,
  { read }: Figure<Figures>,
  show: (labels: Record<string, string>, value: number) => void,
): void {
  for (const [instance, adapter] of Object.entries(instances)) {
    for (const { value, labels } of read(adapter.figures())) {
      show({ adapter_instance: instance, ...labels }, value);
    }
  }
}
