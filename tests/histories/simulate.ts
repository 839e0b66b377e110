import {
  checkPageHistory,
  type HistoryViolation,
  type PageEvent,
  type PageState,
} from "@live-stash/contract";
import { createRandom } from "@live-stash/test-servers/random";
import type { LiveStashOptions } from "live-stash";
import type { StashAdapter } from "live-stash/adapter";
import { type PageRecord, SimTab } from "./browser.ts";
import type { LoadedCore } from "./load-core.ts";
import { isOfStore, type Plan, planOf, type Step } from "./plan.ts";
import { type Assigns, type ServerView, SimServer, type ViewObserver } from "./server.ts";
import { createSimAdapter, SimStore } from "./store.ts";
import { type Loop, World } from "./virtual-time.ts";

const TTL_MS = 60_000;
/** The interval at which the deadlines of live views are extended. */
const KEEP_ALIVE_MS = TTL_MS / 4;
const CALM_MS = 30_000;
const BLAMES: readonly string[] = ["adapter_timeout", "adapter_unavailable"];
/** The rest of a client's 10 s for a join after recoverWithinMs and a call of the store. */
const IMPATIENT_MS = 3_000;
const SECRET = "a secret of the simulation, not of an application";

/** A broken rule that no page's history shows. */
export interface Mistake {
  /** `thrown`: a call threw that never throws. `blamed`: a store without faults was reported to fail. */
  readonly rule: "thrown" | "blamed";
  readonly cause: unknown;
}

/** The result of one history. */
export interface Outcome {
  readonly plan: Plan;
  readonly pages: readonly (PageRecord & { readonly violations: readonly HistoryViolation[] })[];
  readonly faults: number;
  readonly mistakes: readonly Mistake[];
  readonly trace: readonly string[] | undefined;
}

/** Bugs in the environment of the stash, which the simulation must find. */
export interface Sabotage {
  readonly storeIgnoresOwners?: boolean;
  readonly serverRefusesReturns?: boolean;
}

export interface SimulateOptions {
  readonly isTraced?: boolean;
  readonly sabotage?: Sabotage;
}

/** Runs a history, and checks it. */
export async function simulate(
  core: LoadedCore,
  plan: Plan,
  { isTraced = false, sabotage = {} }: SimulateOptions = {},
): Promise<Outcome> {
  const simulation = new Simulation(core, plan, sabotage, isTraced ? [] : undefined);
  await simulation.run();
  const hasOwners = plan.setup.adapter !== "browser";
  const pages = simulation.records.map((record) => ({
    ...record,
    violations: checkPageHistory(record.events, { page: record.name, hasOwners }),
  }));
  const { mistakes, faults } = simulation;
  return { plan, pages, faults, mistakes, trace: simulation.world.trace };
}

/** Removes all steps from a plan that are not needed to break the same rule. */
export async function shorten(core: LoadedCore, plan: Plan): Promise<Plan> {
  const [worst] = rulesOf(await simulate(core, plan)).sort(bySeverity);
  let shortest = plan;
  for (let chunk = Math.ceil(plan.steps.length / 2); chunk > 0; chunk = Math.floor(chunk / 2)) {
    for (let from = 0; from < shortest.steps.length;) {
      const steps = shortest.steps.toSpliced(from, chunk);
      const shorter = { ...shortest, steps };
      if (rulesOf(await simulate(core, shorter)).some((rule) => rule === worst)) {
        shortest = shorter;
      } else from += chunk;
    }
  }
  return shortest;
}

/** The rules that can cause other rules to break. */
const SEVERE = ["thrown", "blamed", "two owners", "foreign", "made up", "resurrected"];

function bySeverity(one: string, other: string): number {
  return Number(SEVERE.includes(other)) - Number(SEVERE.includes(one));
}

/** Describes a history that breaks a rule, with the fewest steps that still break it. */
export async function explain(core: LoadedCore, seed: number): Promise<string> {
  const plan = await shorten(core, planOf(seed));
  const { pages, mistakes, trace = [] } = await simulate(core, plan, { isTraced: true });
  const found = pages.flatMap(({ name, violations }) =>
    violations.map(({ rule, message }) => `${name}: ${rule}: ${message}`),
  );
  return [
    `seed ${seed}: ${JSON.stringify(plan.setup)}`,
    ...plan.steps.map((step) => `  ${JSON.stringify(step)}`),
    ...trace,
    ...found,
    ...mistakes.map(({ rule, cause }) => `${rule}: ${cause instanceof Error ? cause.stack : ""}`),
  ].join("\n");
}

/** Returns the rules that a history broke. */
export function rulesOf({ pages, mistakes }: Outcome): string[] {
  const rules = pages.flatMap(({ violations }) => violations.map(({ rule }) => rule));
  return [...rules, ...mistakes.map(({ rule }) => rule)];
}

/** A view that owns or owned its page's stash. */
interface OwnedView {
  readonly page: string;
  readonly sinceMs: number;
  endMs: number;
}

class Simulation implements ViewObserver {
  readonly world: World;
  faults = 0;
  readonly mistakes: Mistake[] = [];
  readonly #core: LoadedCore;
  readonly #plan: Plan;
  readonly #store: SimStore;
  readonly #servers: SimServer[];
  readonly #tabs: SimTab[] = [];
  readonly #owned = new Map<object, OwnedView>();
  /** Abandoned joins that found no stash: what they save is another stash than the page's. */
  readonly #startedAnew = new Set<string>();
  /** The beginning of each page's last save that wrote, in ms. */
  readonly #writtenMs = new Map<string, number>();
  #connections = 0;
  /** The sum of all adjustments of the clocks, in ms. */
  #steppedMs = 0;
  readonly #stalls: { readonly fromMs: number; readonly untilMs: number }[] = [];
  #killedMs = -Infinity;

  constructor(core: LoadedCore, plan: Plan, sabotage: Sabotage, trace: string[] | undefined) {
    this.#core = core;
    this.#plan = plan;
    this.world = new World(createRandom(plan.seed ^ 0x5eed), trace);
    core.enter(this.world);
    this.#store = new SimStore(this.world);
    this.#store.ignoresOwners = sabotage.storeIgnoresOwners === true;
    const { setup } = plan;
    const parts = {
      core,
      world: this.world,
      observer: this,
      autoStash: setup.autoStash,
      awaits: setup.awaits,
      takesKept: setup.takesKept,
      refusesReturns: sabotage.serverRefusesReturns === true,
      createStash: (loop: Loop) => this.#createStash(loop),
    };
    this.#servers = Array.from(
      { length: setup.servers },
      (_, index) => new SimServer(parts, `server ${index + 1}`),
    );
    for (let tab = 0; tab < setup.tabs; tab += 1) {
      this.#tabs.push(
        new SimTab(
          {
            core,
            world: this.world,
            recoverAfterReload: setup.recoverAfterReload,
            nextServer: () => this.#nextServer(),
            isHeldByPage: setup.adapter === "browser",
            excuse: (asking) => this.#excuse(asking),
          },
          `tab ${tab + 1}`,
        ),
      );
    }
  }

  get records(): PageRecord[] {
    return this.#tabs.flatMap(({ records }) => records);
  }

  async run(): Promise<void> {
    const { steps } = this.#plan;
    let overMs = 0;
    for (const step of steps) {
      overMs = Math.max(overMs, step.atMs + step.forMs);
      this.world.arrive(step.atMs, undefined, () => this.#do(step));
    }
    await this.world.run(overMs + CALM_MS);
    // Live views save again what a store has lost, within two rounds.
    if (steps.some(({ kind }) => kind === "store forgets")) {
      await this.world.run(this.world.nowMs + 3 * KEEP_ALIVE_MS);
    }
    for (let last = 0; last < 2; last += 1) {
      for (const tab of this.#tabs) tab.cut(0);
      await this.world.run(this.world.nowMs + CALM_MS);
      for (const tab of this.#tabs) {
        if (tab.isJoined) continue;
        tab.page.events.push({
          kind: "missing",
          join: Infinity,
          status: "a page that is not back",
        });
      }
    }
    for (const { loop } of [...this.#servers, ...this.#tabs]) loop.isDead = true;
  }

  #do(step: Step): void {
    const { kind, forMs, chance } = step;
    const tab = this.#tabs[step.which % this.#tabs.length];
    const server = this.#servers[step.which % this.#servers.length];
    if (tab === undefined || server === undefined) return;
    const after = (run: () => void): void => this.world.arrive(forMs, undefined, run);
    const store = this.#store;
    if (kind !== "change") {
      this.world.note(() => `== ${kind}${forMs > 0 ? `, ${forMs} ms` : ""}`);
      this.faults += 1;
    }
    switch (kind) {
      case "change":
      case "reset":
      case "crash":
        return tab.act(kind);
      case "mount crashes":
        server.nextMountCrashes = chance < 0.5 ? "before" : "after";
        return undefined;
      case "block":
        this.#stalled(forMs);
        return tab.act("block", forMs);
      case "cut":
        return tab.cut(chance < 0.6 ? forMs % 50 : forMs);
      case "silence":
        return tab.goSilent(forMs, Math.round(chance * 40_000));
      case "sleep":
        return tab.sleep(forMs);
      case "join again":
        return tab.joinAgain();
      case "reload":
        return tab.reload();
      case "navigate":
        return tab.navigate();
      case "store freezes":
        this.#troubled(forMs);
        store.freeze();
        return after(() => store.thaw());
      case "store crashes":
      case "store forgets":
        this.#troubled(forMs);
        store.crash(kind === "store forgets");
        return after(() => store.start());
      case "store is slow":
        this.#troubled(forMs);
        store.latencyMs = 100 + Math.round(chance * 1_500);
        return after(() => (store.latencyMs = 2));
      case "store is mute":
        this.#troubled(forMs);
        store.losesAnswers = true;
        return after(() => (store.losesAnswers = false));
      case "server is killed":
        if (!server.isUp) return;
        this.#killedMs = this.world.nowMs;
        server.kill();
        return after(() => server.start());
      case "server is replaced":
        if (!server.isUp) return;
        return server.stop(() => {
          this.#killedMs = this.world.nowMs;
          after(() => server.start());
        });
      case "server stalls":
        this.#stalled(forMs);
        return server.stall(forMs);
      case "clock steps": {
        const byMs = Math.round((chance - 0.5) * 20_000);
        this.#steppedMs += Math.abs(byMs);
        server.loop.clockOffsetMs += byMs;
      }
    }
  }

  #stalled(forMs: number): void {
    const fromMs = this.world.nowMs;
    this.#stalls.push({ fromMs, untilMs: fromMs + forMs });
  }

  #troubled(forMs: number): void {
    const untilMs = this.world.nowMs + forMs;
    this.#store.troubledUntilMs = Math.max(this.#store.troubledUntilMs, untilMs);
  }

  #nextServer(): SimServer | undefined {
    const up = this.#servers.filter(({ isUp }) => isUp);
    this.#connections += 1;
    return up[this.#connections % up.length];
  }

  #createStash(loop: Loop): ReturnType<ConstructorParameters<typeof SimServer>[0]["createStash"]> {
    const { setup } = this.#plan;
    const adapter = this.#createAdapter(loop);
    const options: LiveStashOptions<Assigns> = {
      storedKeys: ["page", "changes"],
      adapter,
      secret: SECRET,
      ttlMs: TTL_MS,
      autoStash: setup.autoStash,
      recoverAfterReload: setup.recoverAfterReload,
      recoverWithinMs: setup.recoverWithinMs,
      whenUnavailable: setup.whenUnavailable,
      ...(setup.reconciles ? { reconcile: keepBoth } : {}),
      onLateRecovery: (host, result) => (host as unknown as ServerView).lateRecovery(result),
      onError: (error, { operation }) => {
        this.world.note(() => `${loop.name}: ${operation}: ${error.code}`);
        const isBlamed = BLAMES.includes(error.code) && !this.#plan.steps.some(isOfStore);
        if (isBlamed) this.mistakes.push({ rule: "blamed", cause: error });
      },
    };
    return { adapter, hook: this.#core.liveStash<Assigns>(options) };
  }

  #createAdapter(loop: Loop): StashAdapter {
    const { adapter, hints, awaits } = this.#plan.setup;
    switch (adapter) {
      case "store":
        return createSimAdapter(
          this.#core,
          this.#store,
          loop,
          hints ? this.#servers?.length : undefined,
        );
      case "browser":
        return this.#core.createBrowserHeldAdapter({ securityMode: awaits ? "encrypt" : "sign" });
      case "memory":
        return this.#core.createMemoryAdapter({ maxBytes: 1_000_000 });
    }
  }

  lengthOf(page: string): number {
    return this.records.find(({ name }) => name === page)?.events.length ?? 0;
  }

  reported(page: string, event: PageEvent, beganAtMs = 0): void {
    this.world.note(() => `${page}: ${describe(event)}`);
    const tab = this.#tabWith(page);
    const isOfStore = this.#plan.setup.adapter !== "browser";
    if (event.kind === "acknowledged") {
      const { join, status, since } = event;
      if (isOfStore && join < (tab?.lastJoin ?? 0)) {
        const isOther = this.#startedAnew.has(`${page}, join ${join}`);
        if (status === "saved" && !isOther) tab?.page.events.push({ kind: "unheard", join, since });
        return;
      }
      if (status === "saved") this.#writtenMs.set(page, beganAtMs);
    }
    // A state that only the page stores counts once the page has received the frame.
    if (isOfStore) tab?.page.events.push(event);
  }

  recovery(page: string, join: number, outcome: string, state: PageState): void {
    if (this.#plan.setup.adapter === "browser") return;
    const tab = this.#tabWith(page);
    // The result of a view that its page has left does not count.
    if (tab?.lastJoin !== join) {
      if (outcome.startsWith("not_found")) this.#startedAnew.add(`${page}, join ${join}`);
      return;
    }
    // A store that has lost all its entries may have received an older state since.
    const reason = outcome === "recovered" ? this.#excuse(tab) : undefined;
    if (reason !== undefined) tab.page.events.push({ kind: "excused", reason });
    tab.noteRecovery(outcome, state);
  }

  threw(cause: unknown): void {
    this.mistakes.push({ rule: "thrown", cause });
  }

  owned(view: object, page: string): void {
    if (this.#owned.has(view)) return;
    this.#owned.set(view, { page, sinceMs: this.world.nowMs, endMs: Infinity });
  }

  ended(view: object): void {
    const owned = this.#owned.get(view);
    if (owned !== undefined) owned.endMs = this.world.nowMs;
  }

  /** Returns the tab that still shows this page. */
  #tabWith(page: string): SimTab | undefined {
    return this.#tabs.find((tab) => tab.page.name === page);
  }

  /** Returns the reason why a page's acknowledged state may be lost. */
  #excuse(tab: SimTab): Extract<PageEvent, { kind: "excused" }>["reason"] | undefined {
    const { nowMs } = this.world;
    // The client has given up before the blocked process could answer.
    if (tab.hasGivenUp && this.#stalledSince(tab.joinSentMs) >= IMPATIENT_MS) return "left";
    if (nowMs - tab.lastConnectedMs >= TTL_MS - this.#steppedMs) return "expired";
    const page = tab.page.name;
    const writtenMs = this.#writtenMs.get(page) ?? -Infinity;
    const losses = this.#store.losses.filter((lostMs) => lostMs >= writtenMs);
    if (losses.some((lostMs) => !this.#wasRestored(page, lostMs))) return "lost by the store";
    if (this.#plan.setup.adapter === "memory" && writtenMs <= this.#killedMs) {
      return "lost by the store";
    }
    return undefined;
  }

  /** Returns the time for which processes were blocked since then, in ms. */
  #stalledSince(sinceMs: number): number {
    const { nowMs } = this.world;
    return this.#stalls.reduce(
      (sum, { fromMs, untilMs }) =>
        sum + Math.max(0, Math.min(untilMs, nowMs) - Math.max(fromMs, sinceMs)),
      0,
    );
  }

  /** Whether a live view had the time to save again what the store had lost. */
  #wasRestored(page: string, lostMs: number): boolean {
    const neededMs = 2.5 * KEEP_ALIVE_MS + this.#stalledSince(0);
    const untilMs = Math.max(lostMs, this.#store.troubledUntilMs) + neededMs;
    const owner = [...this.#owned.values()].findLast(
      (view) => view.page === page && view.sinceMs < lostMs,
    );
    return owner !== undefined && Math.min(owner.endMs, this.world.nowMs) > untilMs;
  }
}

/** Merges two states, as an application's `reconcile` does. */
function keepBoth(recovered: Partial<Assigns>, current: Partial<Assigns>): Partial<Assigns> {
  const changes = new Set([...(recovered.changes ?? []), ...(current.changes ?? [])]);
  return { ...recovered, changes: [...changes].sort((one, other) => one - other) };
}

function describe(event: PageEvent): string {
  switch (event.kind) {
    case "acknowledged":
      return `${event.status} ${event.state.changes.join()}`;
    case "excused":
      return event.reason;
    default:
      return event.kind;
  }
}
