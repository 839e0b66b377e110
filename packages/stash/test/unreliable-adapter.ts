import type { AdapterCapabilities, MaybePromise, StashAdapter } from "../src/entries/adapter.ts";

type Operation = "save" | "load" | "keepAlive" | "forget";

/** The fate of one call: `before` runs first, and its error is thrown to the caller. */
interface Fault {
  readonly operation: Operation;
  readonly before: () => Promise<void>;
  /** Whether the store carries out the call although `before` fails. */
  readonly worksAnyway: boolean;
}

/**
 * A real adapter behind a bad connection: calls are counted, and single ones can be delayed, fail,
 * or take effect without an answer. Answers are promises, as of any store in the network.
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

  /** Makes the next call of `operation` fail; with `worksAnyway`, after the store has carried it out. */
  failNext(operation: Operation, error: Error, worksAnyway = false): void {
    this.#faults.push({ operation, before: () => Promise.reject(error), worksAnyway });
  }

  /** Holds back the next call of `operation` until the returned function is called. */
  holdNext(operation: Operation): (error?: Error) => void {
    let release: (error?: Error) => void = () => {};
    const gate = new Promise<void>((resolve, reject) => {
      release = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#faults.push({ operation, before: () => gate, worksAnyway: false });
    return release;
  }

  /** Replaces the store, as a restart does that loses all stashes. */
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
