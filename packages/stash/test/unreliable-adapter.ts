import type { AdapterCapabilities, MaybePromise, StashAdapter } from "../src/adapter.ts";

type Operation = "save" | "load" | "keepAlive" | "forget";

/** What happens to one call: `before` runs first, and what it throws is what the caller gets. */
interface Fault {
  readonly operation: Operation;
  readonly before: () => Promise<void>;
  /** Whether the store does its work although the caller sees `before` fail. */
  readonly worksAnyway: boolean;
}

/**
 * A real adapter behind a bad line: calls are counted, and single ones can be held up, fail, or
 * take effect without an answer. Answers are promises, as of any store that is reached by network.
 */
export class UnreliableAdapter implements StashAdapter {
  readonly name: string;
  readonly capabilities: AdapterCapabilities;
  readonly calls: Operation[] = [];
  #store: StashAdapter;
  #faults: Fault[] = [];

  constructor(store: StashAdapter, capabilities: Partial<AdapterCapabilities> = {}) {
    this.#store = store;
    this.name = store.name;
    this.capabilities = { ...store.capabilities, ...capabilities };
  }

  /** The next call of `operation` fails; `worksAnyway`: after the store did what it was asked. */
  failNext(operation: Operation, error: Error, worksAnyway = false): void {
    this.#faults.push({ operation, before: () => Promise.reject(error), worksAnyway });
  }

  /** The next call of `operation` does not reach the store before the returned function is called. */
  holdNext(operation: Operation): (error?: Error) => void {
    let release: (error?: Error) => void = () => {};
    const gate = new Promise<void>((resolve, reject) => {
      release = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#faults.push({ operation, before: () => gate, worksAnyway: false });
    return release;
  }

  /** The store restarts, and has lost everything. */
  replaceStore(store: StashAdapter): void {
    this.#store = store;
  }

  save: StashAdapter["save"] = (request) => this.#pass("save", () => this.#store.save(request));

  load: StashAdapter["load"] = (request) => this.#pass("load", () => this.#store.load(request));

  keepAlive: StashAdapter["keepAlive"] = (requests) =>
    this.#pass("keepAlive", () => this.#store.keepAlive(requests));

  forget: StashAdapter["forget"] = (request) =>
    this.#pass("forget", () => this.#store.forget(request));

  close(): MaybePromise<void> {
    return this.#store.close();
  }

  async #pass<Outcome>(operation: Operation, ask: () => MaybePromise<Outcome>): Promise<Outcome> {
    this.calls.push(operation);
    const fault = this.#faults.find((candidate) => candidate.operation === operation);
    this.#faults = this.#faults.filter((candidate) => candidate !== fault);
    if (fault?.worksAnyway === true) await ask();
    await fault?.before();
    return ask();
  }
}
