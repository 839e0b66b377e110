import type { Scenario, StepName } from "../result.ts";
import { describeCard } from "./describe-card.ts";
import { judgeReturn, showsCount } from "./judge-return.ts";
import { LivePage } from "./live-page.ts";
import type { LoadClock } from "./load-clock.ts";
import { loadPage } from "./load-page.ts";
import type { LoadRecord } from "./load-record.ts";
import { planUser, type UserPlan } from "./user-plan.ts";

/** What all users of a worker share. */
export interface LoadContext {
  readonly scenario: Scenario;
  /** The page to visit. */
  readonly url: string;
  /** `false` for the baseline: every return finds a new page. */
  readonly isStashing: boolean;
  readonly clock: LoadClock;
  readonly record: LoadRecord;
}

/** How long a step may take before it counts as an error. The official client waits as long. */
const STEP_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 30_000;
/** After an error the user comes back with a new page, so many TTLs later. */
const PAUSE_AFTER_ERROR = 0.1;

/** Somebody with a browser, from the first visit to the last. */
export class VirtualUser {
  readonly #context: LoadContext;
  readonly #plan: UserPlan;
  readonly #localAddress: string;
  #page: LivePage | undefined;
  #stepSinceMs: number | undefined;
  #heardAtMs = 0;
  #isConnected = false;
  #isPresent = false;

  constructor(context: LoadContext, user: number, localAddress: string) {
    this.#context = context;
    this.#plan = planUser(context.scenario, user);
    this.#localAddress = localAddress;
  }

  /** Started and not ended. */
  get isPresent(): boolean {
    return this.#isPresent;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Visits until the plan's end. Never settles if the clock is stopped before. */
  async run(): Promise<void> {
    const { clock, scenario, record } = this.#context;
    let atMs: number | undefined = this.#plan.startMs;
    await clock.until(atMs);
    this.#isPresent = true;
    while (atMs !== undefined && atMs < this.#plan.endMs) {
      await clock.until(atMs);
      try {
        atMs = await this.#visit(atMs);
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        record.error(error.step, error.message);
        atMs = clock.now() + PAUSE_AFTER_ERROR * scenario.ttlMs;
      }
      this.#lose();
    }
    this.#isPresent = false;
  }

  /** Called once a second: heartbeats, and an end to what takes too long. */
  tick(): void {
    const nowMs = this.#context.clock.now();
    if (this.#stepSinceMs !== undefined) {
      if (nowMs - this.#stepSinceMs > STEP_TIMEOUT_MS) this.#page?.giveUp("timeout");
    } else if (this.#isConnected && nowMs - this.#heardAtMs > HEARTBEAT_MS) {
      this.#heardAtMs = nowMs;
      this.#page?.heartbeat();
    }
  }

  /** The browser is closed: nothing is open afterwards. */
  close(): void {
    this.#lose();
  }

  /** From a page load to the end of it; answers when the next is planned, if any. */
  async #visit(plannedMs: number): Promise<number | undefined> {
    const { clock, record, url } = this.#context;
    const loaded = await this.#step("firstRender", plannedMs, () =>
      loadPage(url, this.#localAddress, STEP_TIMEOUT_MS),
    );
    if (loaded.card?.status !== "new" || !showsCount(loaded.card, 0)) {
      record.fault("wrong", `a new page showed ${describeCard(loaded.card)}`);
    }
    const page = new LivePage(loaded, this.#localAddress);
    this.#page = page;
    // A browser connects as soon as it has the page.
    let connectMs = clock.now();
    let acknowledged = 0;
    let lostAtMs: number | undefined;
    let isLate = false;
    for (;;) {
      const times = this.#plan.nextConnection();
      const awayMs = lostAtMs === undefined ? undefined : clock.now() - lostAtMs;
      await this.#step(awayMs === undefined ? "connect" : "reconnect", connectMs, () =>
        page.connect(),
      );
      this.#isConnected = true;
      this.#heardAtMs = clock.now();
      const answeredMs = lostAtMs === undefined ? 0 : clock.now() - lostAtMs;
      acknowledged = this.#checkJoin(page, acknowledged, awayMs, answeredMs);
      const stashMs = connectMs + times.untilStashMs;
      await clock.until(stashMs);
      await this.#step("stash", stashMs, () => page.click("stash"));
      acknowledged = this.#checkStash(page, acknowledged);
      const loseMs = stashMs + times.untilLostMs;
      await clock.until(loseMs);
      this.#lose();
      lostAtMs = clock.now();
      connectMs = loseMs + times.awayMs;
      if (connectMs >= this.#plan.endMs) return undefined;
      // Whoever has found nothing after a late return looks around, and opens a new page next time.
      if (isLate) return connectMs;
      isLate = times.isLate;
      await clock.until(connectMs);
    }
  }

  /** Checks the page after it has joined; answers the count that it shows. */
  #checkJoin(
    page: LivePage,
    acknowledged: number,
    awayMs: number | undefined,
    answeredMs: number,
  ): number {
    const { isStashing, record, scenario } = this.#context;
    const card = page.card();
    if (awayMs === undefined || !isStashing) {
      if (card?.status !== "new" || !showsCount(card, 0)) {
        record.fault("wrong", `a join for the first time showed ${describeCard(card)}`);
      }
    } else {
      const { ttlMs } = scenario;
      const outcome = judgeReturn({ card, acknowledged, awayMs, answeredMs, ttlMs });
      if (outcome === "unanswered") record.error("reconnect", "the status was error");
      else if (outcome === "recovered" || outcome === "expired") record.outcome(outcome);
      else {
        const away = (awayMs / ttlMs).toFixed(2);
        const what = `a return after ${away} TTL with count ${acknowledged}`;
        record.fault(outcome, `${what} showed ${describeCard(card)}`);
      }
    }
    return card?.count ?? 0;
  }

  #checkStash(page: LivePage, before: number): number {
    const { record } = this.#context;
    const card = page.card();
    if (!showsCount(card, before + 1)) {
      record.fault("wrong", `the stash after count ${before} showed ${describeCard(card)}`);
    }
    record.held(page.heldCharacters());
    return card?.count ?? before + 1;
  }

  async #step<Value>(step: StepName, plannedMs: number, act: () => Promise<Value>): Promise<Value> {
    const { clock, record } = this.#context;
    const sentMs = clock.now();
    this.#stepSinceMs = sentMs;
    try {
      const value = await act();
      record.step(step, plannedMs, sentMs, clock.now());
      return value;
    } catch (cause) {
      throw new StepError(step, cause);
    } finally {
      this.#stepSinceMs = undefined;
    }
  }

  #lose(): void {
    this.#isConnected = false;
    this.#page?.lose();
  }
}

/** A step that failed: the server's fault, or the network's. */
class StepError extends Error {
  readonly step: StepName;

  constructor(step: StepName, cause: unknown) {
    // Addresses and ports differ each time, and errors are counted by their text.
    const code = (cause as NodeJS.ErrnoException).code;
    super(code ?? (cause instanceof Error ? cause.message : String(cause)), { cause });
    this.step = step;
  }
}
