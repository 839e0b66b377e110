import type { Scenario, StepName } from "../result.ts";
import { describeCard } from "./page-html.ts";
import { judgeReturn, showsCount } from "./judge-return.ts";
import { LivePage } from "./live-page.ts";
import type { LoadClock } from "./load-clock.ts";
import { loadPage } from "./load-page.ts";
import type { LoadRecord } from "./load-record.ts";
import { planUser, type UserPlan } from "./user-plan.ts";

/** The parts that all users of a worker share. */
export interface LoadContext {
  readonly scenario: Scenario;
  /** The page to visit. */
  readonly url: string;
  /** `false` for the baseline: every return finds a new page. */
  readonly isStashing: boolean;
  readonly clock: LoadClock;
  readonly record: LoadRecord;
}

/** A step that takes longer counts as an error: the official client waits no longer either. */
const STEP_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 30_000;
/** In TTLs: after an error, the user waits this long and loads a new page. */
const PAUSE_AFTER_ERROR = 0.1;

/** A user with a browser, from the first visit to the last. */
export class VirtualUser {
  readonly #context: LoadContext;
  readonly #plan: UserPlan;
  readonly #localAddress: string;
  #page: LivePage | undefined;
  #stepSinceMs: number | undefined;
  #aliveAtMs = 0;
  #isConnected = false;
  #isPresent = false;

  constructor(context: LoadContext, user: number, localAddress: string) {
    this.#context = context;
    this.#plan = planUser(context.scenario, user);
    this.#localAddress = localAddress;
  }

  /** Whether the user has started and not left yet. */
  get isPresent(): boolean {
    return this.#isPresent;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Visits pages until the plan's end. Never settles if the clock is stopped before. */
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

  /** Called once a second: sends heartbeats, and fails a step that takes too long. */
  tick(): void {
    const nowMs = this.#context.clock.now();
    if (this.#stepSinceMs !== undefined) {
      if (nowMs - this.#stepSinceMs > STEP_TIMEOUT_MS) this.#page?.giveUp("timeout");
    } else if (this.#isConnected && nowMs - this.#aliveAtMs > HEARTBEAT_MS) {
      this.#aliveAtMs = nowMs;
      this.#page?.heartbeat();
    }
  }

  /** Closes the page's connection. */
  close(): void {
    this.#lose();
  }

  /** Runs a visit from page load to last disconnect; returns when the next one is planned, if any. */
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
      this.#aliveAtMs = clock.now();
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
      // After a deliberately late return the user stays for one cycle, then starts over with a new page.
      if (isLate) return connectMs;
      isLate = times.isLate;
      await clock.until(connectMs);
    }
  }

  /** Checks the page after it has joined; returns the count that it shows. */
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
    record.token(page.tokenCharacters());
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

/** A step that failed because of the server or the network. */
class StepError extends Error {
  readonly step: StepName;

  constructor(step: StepName, cause: unknown) {
    // Errors are counted by their text, so it must not contain addresses and ports.
    const code = (cause as NodeJS.ErrnoException).code;
    super(code ?? (cause instanceof Error ? cause.message : String(cause)), { cause });
    this.step = step;
  }
}
