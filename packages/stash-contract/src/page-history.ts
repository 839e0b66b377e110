/**
 * The state of a page, reduced to the page's name and the numbers of the changes in it. A counter of 3
 * contains the changes 1, 2 and 3 (see `countedState`).
 */
export interface PageState {
  readonly page: string;
  readonly changes: readonly number[];
}

/**
 * One event of a page's history. `join` numbers the joins of the page's views, in the order in which the
 * browser sent them.
 */
export type PageEvent =
  /** The page asked for a change, which may be saved from now on, acknowledged or not. */
  | { readonly kind: "asked"; readonly change: number }
  /**
   * A `stash()` succeeded, and the page (or the application, if a store keeps the state) knows it. `since`
   * is the number of events that had happened when the `stash()` began.
   */
  | {
      readonly kind: "acknowledged";
      readonly join: number;
      readonly status: "saved" | "unchanged";
      readonly state: PageState;
      readonly since: number;
    }
  /** The save of a view was acknowledged after its page had stopped listening to this view. */
  | { readonly kind: "unheard"; readonly join: number; readonly since: number }
  /** A view recovered the page's state and shows it. */
  | { readonly kind: "recovered"; readonly join: number; readonly state: PageState }
  /** A join ended without an answer from the store, such as `pending` or `error: adapter_failed`. */
  | { readonly kind: "unanswered"; readonly join: number; readonly status: string }
  /** A join found no state, or none that can be used: `not_found`, `new`, `error`. */
  | { readonly kind: "missing"; readonly join: number; readonly status: string }
  /** The application deleted the stash with this state, and the deletion was acknowledged. */
  | { readonly kind: "reset"; readonly state: PageState }
  /** States acknowledged before may be gone from now on, for this reason. */
  | { readonly kind: "excused"; readonly reason: Excuse };

/** A reason why an acknowledged state need not come back. */
export type Excuse =
  /** The application chose another state, or asked for a reset whose outcome it does not know. */
  | "replaced by the application"
  | "expired"
  /** The only store lost the state while no live view could save it again, or its only node died. */
  | "lost by the store"
  /** Views crashed with the state repeatedly. */
  | "set aside"
  /** The page was closed, or was reloaded by its user or by the client. */
  | "left";

/** A rule that a history breaks, and the index of the event that breaks it (at the end: the length). */
export interface HistoryViolation {
  readonly rule:
    /** A join found no state although one had been acknowledged. */
    | "lost"
    /** A recovered state lacks an acknowledged change. */
    | "rolled back"
    /** A saved state replaced another and lacks an acknowledged change. */
    | "overwritten"
    /** A recovered state contains a change that the application had deleted. */
    | "resurrected"
    /** A save was acknowledged that began after a later view had recovered the state. */
    | "two owners"
    /** A state of another page was recovered or saved. */
    | "foreign"
    /** A state contains a change that the page never asked for. */
    | "made up"
    /** The history ends before a join has recovered every acknowledged change. */
    | "not recovered";
  readonly at: number;
  readonly message: string;
}

/** Counts of what happened to pages. */
export interface HistoryFigures {
  readonly acknowledged: number;
  readonly recovered: number;
  /** Joins to which the store gave no answer in time. */
  readonly pending: number;
  /** Violations of the rules; 0 if no acknowledged state was lost. */
  readonly lost: number;
}

export interface HistoryOptions {
  readonly page: string;
  /** `true` if one view at a time owns the stored state, `false` if browsers hold the state themselves. */
  readonly hasOwners: boolean;
}

/** Returns the state of a counter that counts by one. */
export function countedState(page: string, count: number): PageState {
  return { page, changes: Array.from({ length: count }, (_, index) => index + 1) };
}

/**
 * Checks the history of one page against the promise of live-stash: an acknowledged state comes back,
 * unless a later state of the same page contains it, the application reset it, or it is excused; no
 * recovered state is older; there are never two owners; and no page receives the state of another.
 *
 * A last join must have recovered every acknowledged change by the end of the history.
 */
export function checkPageHistory(
  history: readonly PageEvent[],
  options: HistoryOptions,
): HistoryViolation[] {
  const checker = new PageChecker(options);
  for (const [at, event] of history.entries()) checker.take(event, at);
  checker.end(history.length);
  return checker.violations;
}

/** Counts the events of any number of pages. */
export function countHistories(
  histories: Iterable<{
    readonly events: readonly PageEvent[];
    readonly violations: readonly HistoryViolation[];
  }>,
): HistoryFigures {
  let [acknowledged, recovered, pending, lost] = [0, 0, 0, 0];
  for (const { events, violations } of histories) {
    for (const { kind } of events) {
      if (kind === "acknowledged") acknowledged += 1;
      if (kind === "recovered") recovered += 1;
      if (kind === "unanswered") pending += 1;
    }
    lost += violations.length;
  }
  return { acknowledged, recovered, pending, lost };
}

type Rule = HistoryViolation["rule"];

class PageChecker {
  readonly violations: HistoryViolation[] = [];
  readonly #options: HistoryOptions;
  readonly #asked = new Set<number>();
  /** The changes that must come back. */
  #promised: ReadonlySet<number> = new Set();
  /** The changes that must not come back. */
  readonly #deleted = new Set<number>();
  /** The changes that the last recovery returned. */
  #proven: ReadonlySet<number> = new Set();
  /** The latest join that recovered the state, and the index of that event. */
  #owner = { join: -1, at: -1 };

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  take(event: PageEvent, at: number): void {
    switch (event.kind) {
      case "asked":
        this.#asked.add(event.change);
        break;
      case "acknowledged":
        this.#acknowledge(event, at);
        break;
      case "recovered":
        this.#recover(event, at);
        break;
      case "unheard":
        this.#checkOwner(event, at);
        break;
      case "unanswered":
        break;
      case "missing":
        if (this.#promised.size === 0) break;
        this.#violate("lost", at, `expected ${list(this.#promised)}, found ${event.status}`);
        this.#promised = new Set();
        break;
      case "reset":
        for (const change of event.state.changes) this.#deleted.add(change);
        this.#release();
        break;
      case "excused":
        this.#release();
        break;
    }
  }

  end(at: number): void {
    const unproven = [...this.#promised].filter((change) => !this.#proven.has(change));
    if (unproven.length === 0) return;
    this.#violate("not recovered", at, `expected a join to recover ${list(unproven)}`);
  }

  #acknowledge(event: Extract<PageEvent, { kind: "acknowledged" }>, at: number): void {
    if (event.status === "saved") this.#checkOwner(event, at);
    this.#promise("overwritten", event.state, at);
  }

  #checkOwner(
    { join, since }: { readonly join: number; readonly since: number },
    at: number,
  ): void {
    const isLate = join < this.#owner.join && since > this.#owner.at;
    if (!this.#options.hasOwners || !isLate) return;
    this.#violate("two owners", at, `join ${join} saved after join ${this.#owner.join} recovered`);
  }

  /** Drops all promises: the next stash may be another one. */
  #release(): void {
    this.#promised = new Set();
    this.#owner = { join: -1, at: -1 };
  }

  #recover({ join, state }: Extract<PageEvent, { kind: "recovered" }>, at: number): void {
    const back = state.changes.filter((change) => this.#deleted.has(change));
    if (back.length > 0) this.#violate("resurrected", at, `expected none of ${list(back)}`);
    this.#promise("rolled back", state, at);
    this.#proven = this.#promised;
    if (join >= this.#owner.join) this.#owner = { join, at };
  }

  /** Promises the changes of a state, which must contain all those promised already. */
  #promise(rule: Rule, { page, changes }: PageState, at: number): void {
    if (page !== this.#options.page) {
      this.#violate("foreign", at, `expected a state of ${this.#options.page}, found ${page}'s`);
    }
    const found = new Set(changes);
    const missing = [...this.#promised].filter((change) => !found.has(change));
    if (missing.length > 0) {
      this.#violate(rule, at, `expected ${list(missing)} in it, found ${list(changes)}`);
    }
    const unknown = changes.filter((change) => !this.#asked.has(change));
    if (unknown.length > 0) this.#violate("made up", at, `nobody asked for ${list(unknown)}`);
    this.#promised = found;
  }

  #violate(rule: Rule, at: number, message: string): void {
    this.violations.push({ rule, at, message });
  }
}

function list(changes: Iterable<number>): string {
  const all = [...changes];
  if (all.length === 0) return "no change";
  return all.length > 8 ? `${all.length} changes up to ${all.at(-1)}` : `change ${all.join(", ")}`;
}
