import {
  type ForgetOutcome,
  type KeepAliveOutcome,
  type KeepAliveRequest,
  type LoadOutcome,
  ORDER_CHARACTERS,
  type Owner,
  type SaveOutcome,
  type StashAdapter,
  type StashId,
} from "live-stash/adapter";
import { SAMPLE } from "./samples.ts";

const NO_ADAPTER_DATA = new Uint8Array(0);

interface CallOptions {
  /** Default: an hour from now. */
  readonly expiresAtMs?: number;
}

interface SaveOptions extends CallOptions {
  readonly record?: Uint8Array;
}

/**
 * Calls one adapter as the core does: with the adapter data of the browser's token, and with owners that
 * have an order. Tests name owners without their order, because the owners of one page load share it.
 */
export class AdapterNode {
  readonly adapter: StashAdapter;
  readonly #tokenData: TokenData;
  readonly #farMs: () => number;
  readonly #order: string;

  constructor(adapter: StashAdapter, tokenData: TokenData, farMs: () => number, order = 0) {
    this.adapter = adapter;
    this.#tokenData = tokenData;
    this.#farMs = farMs;
    this.#order = order.toString(36).padStart(ORDER_CHARACTERS, "0");
  }

  /** Returns the same adapter, called with owners of another order. */
  atOrder(order: number): AdapterNode {
    return new AdapterNode(this.adapter, this.#tokenData, this.#farMs, order);
  }

  /** Saves a new id for the first time. */
  create(id: StashId, owner: string, options: SaveOptions = {}): Promise<SaveOutcome> {
    return this.#save(id, owner, options, true);
  }

  /** Saves a known id again. */
  save(id: StashId, owner: string, options: SaveOptions = {}): Promise<SaveOutcome> {
    return this.#save(id, owner, options, false);
  }

  /** Loads with the adapter data that the browser has, or with data that it had earlier. */
  async load(
    id: StashId,
    owner: string,
    options: CallOptions & { readonly adapterData?: Uint8Array } = {},
  ): Promise<LoadOutcome> {
    const adapterData = options.adapterData ?? this.adapterData(id);
    const { expiresAtMs = this.#farMs() } = options;
    const request = { id, adapterData, owner: this.#owner(owner), expiresAtMs };
    const outcome = await this.adapter.load(request);
    if (outcome.status === "loaded") this.#hold(id, outcome.adapterData);
    return outcome;
  }

  async keepAlive(id: StashId, owner: string, expiresAtMs?: number): Promise<KeepAliveOutcome> {
    const request = { id, owner, expiresAtMs: expiresAtMs ?? this.#farMs() };
    const outcomes = await this.keepAllAlive([request]);
    const [outcome] = outcomes;
    if (outcomes.length === 1 && outcome !== undefined) return outcome;
    throw new Error(`keepAlive() of one stash: expected 1 outcome, got ${outcomes.length}.`);
  }

  // Async, so that an adapter may throw instead of rejecting.
  async keepAllAlive(requests: readonly KeepAliveRequest[]): Promise<readonly KeepAliveOutcome[]> {
    return this.adapter.keepAlive(
      requests.map((request) => ({ ...request, owner: this.#owner(request.owner) })),
    );
  }

  async forget(id: StashId, owner: string): Promise<ForgetOutcome> {
    return this.adapter.forget({ id, owner: this.#owner(owner) });
  }

  async close(): Promise<void> {
    await this.adapter.close();
  }

  adapterData(id: StashId): Uint8Array {
    return this.#tokenData.get(id) ?? NO_ADAPTER_DATA;
  }

  async #save(
    id: StashId,
    owner: string,
    options: SaveOptions,
    create: boolean,
  ): Promise<SaveOutcome> {
    const { record = SAMPLE, expiresAtMs = this.#farMs() } = options;
    const request = { id, owner: this.#owner(owner), record, create, expiresAtMs };
    const outcome = await this.adapter.save(request);
    if (outcome.status === "saved") this.#hold(id, outcome.adapterData);
    return outcome;
  }

  #owner(name: string): Owner {
    return this.#order + name;
  }

  #hold(id: StashId, adapterData: Uint8Array | undefined): void {
    // The core makes a string of it at once, so what becomes of the array later does not matter.
    if (adapterData !== undefined) this.#tokenData.set(id, adapterData.slice());
  }
}

/** The adapter data that a browser returns in its tokens, by stash. */
export type TokenData = Map<StashId, Uint8Array>;
