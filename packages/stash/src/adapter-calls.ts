import type {
  ForgetOutcome,
  ForgetRequest,
  KeepAliveOutcome,
  KeepAliveRequest,
  LoadOutcome,
  LoadRequest,
  MaybePromise,
  SaveOutcome,
  SaveRequest,
  StashAdapter,
} from "./adapter.ts";
import { AdapterCall, type CallSettings } from "./adapter-call.ts";

/** Saves; what was created after the wait was over is forgotten, as no browser will ever name it. */
export class SaveCall extends AdapterCall<SaveOutcome> implements SaveRequest {
  readonly #settings: CallSettings;
  protected readonly operation = "save";
  readonly id: string;
  readonly owner: string;
  readonly record: Uint8Array;
  readonly create: boolean;
  readonly expiresAtMs: number;

  constructor(settings: CallSettings, request: Omit<SaveRequest, "signal">) {
    super(settings);
    this.#settings = settings;
    this.id = request.id;
    this.owner = request.owner;
    this.record = request.record;
    this.create = request.create;
    this.expiresAtMs = request.expiresAtMs;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<SaveOutcome> {
    return adapter.save(this);
  }

  protected override settleLate({ status }: SaveOutcome): void {
    if (!this.create || status !== "saved") return;
    void tidy(new ForgetCall(this.#settings, this));
  }
}

/**
 * Loads; what was taken over after the wait was over, by a view that went on without it, gets the
 * deadline `abandonedUntilMs()`.
 */
export class LoadCall extends AdapterCall<LoadOutcome> implements LoadRequest {
  readonly #settings: CallSettings;
  readonly #abandonedUntilMs: () => number;
  protected readonly operation = "load";
  readonly id: string;
  readonly carried: Uint8Array;
  readonly owner: string;
  readonly expiresAtMs: number;

  constructor(
    settings: CallSettings,
    request: Omit<LoadRequest, "signal">,
    abandonedUntilMs: () => number,
  ) {
    super(settings);
    this.#settings = settings;
    this.#abandonedUntilMs = abandonedUntilMs;
    this.id = request.id;
    this.carried = request.carried;
    this.owner = request.owner;
    this.expiresAtMs = request.expiresAtMs;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<LoadOutcome> {
    return adapter.load(this);
  }

  protected override settleLate({ status }: LoadOutcome): void {
    if (status !== "loaded") return;
    const { id, owner } = this;
    const expiresAtMs = this.#abandonedUntilMs();
    void tidy(new KeepAliveCall(this.#settings, [{ id, owner, expiresAtMs, isFinal: true }]));
  }
}

/** Sets deadlines. */
export class KeepAliveCall extends AdapterCall<readonly KeepAliveOutcome[]> {
  readonly #requests: readonly KeepAliveRequest[];
  protected readonly operation = "keepAlive";

  constructor(settings: CallSettings, requests: readonly KeepAliveRequest[]) {
    super(settings);
    this.#requests = requests;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<readonly KeepAliveOutcome[]> {
    return adapter.keepAlive(this.#requests);
  }
}

/** Forgets. */
export class ForgetCall extends AdapterCall<ForgetOutcome> implements ForgetRequest {
  protected readonly operation = "forget";
  readonly id: string;
  readonly owner: string;

  constructor(settings: CallSettings, request: Omit<ForgetRequest, "signal">) {
    super(settings);
    this.id = request.id;
    this.owner = request.owner;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<ForgetOutcome> {
    return adapter.forget(this);
  }
}

/** Cleans up behind a call whose timeout has been reported already. */
async function tidy(call: AdapterCall<unknown>): Promise<void> {
  try {
    await call.outcome();
  } catch {
    // What could not be tidied up expires by itself.
  }
}
