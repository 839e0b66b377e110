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

/** Saves. `onLate` receives an outcome that came after the wait was over. */
export class SaveCall extends AdapterCall<SaveOutcome> implements SaveRequest {
  readonly #onLate: (outcome: SaveOutcome) => void;
  protected readonly operation = "save";
  readonly id: string;
  readonly owner: string;
  readonly record: Uint8Array;
  readonly create: boolean;
  readonly expiresAtMs: number;

  constructor(
    settings: CallSettings,
    request: Omit<SaveRequest, "signal">,
    onLate: (outcome: SaveOutcome) => void,
  ) {
    super(settings);
    this.#onLate = onLate;
    this.id = request.id;
    this.owner = request.owner;
    this.record = request.record;
    this.create = request.create;
    this.expiresAtMs = request.expiresAtMs;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<SaveOutcome> {
    return adapter.save(this);
  }

  protected override settleLate(outcome: SaveOutcome): void {
    this.#onLate(outcome);
  }
}

/** Loads. `onLate` receives an outcome that came after the wait was over. */
export class LoadCall extends AdapterCall<LoadOutcome> implements LoadRequest {
  readonly #onLate: (outcome: LoadOutcome) => void;
  protected readonly operation = "load";
  readonly id: string;
  readonly carried: Uint8Array;
  readonly owner: string;
  readonly expiresAtMs: number;

  constructor(
    settings: CallSettings,
    request: Omit<LoadRequest, "signal">,
    onLate: (outcome: LoadOutcome) => void,
  ) {
    super(settings);
    this.#onLate = onLate;
    this.id = request.id;
    this.carried = request.carried;
    this.owner = request.owner;
    this.expiresAtMs = request.expiresAtMs;
  }

  protected override ask(adapter: StashAdapter): MaybePromise<LoadOutcome> {
    return adapter.load(this);
  }

  protected override settleLate(outcome: LoadOutcome): void {
    this.#onLate(outcome);
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
export async function tidy(call: AdapterCall<unknown>): Promise<void> {
  try {
    await call.outcome();
  } catch {
    // What could not be tidied up expires by itself.
  }
}
