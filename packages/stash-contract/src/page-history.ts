/**
 * A page's state as far as its history needs it: the page whose state it is, and the changes that it
 * holds, as numbers that the page gave them. A counter of 3 holds the changes 1, 2 and 3 (`countedState`).
 */
export interface PageState {
  readonly page: string;
  readonly changes: readonly number[];
}

/**
 * One thing that happened to a page. `join` numbers the joins of the page's views, in the order in which
 * its browser sent them.
 */
export type PageEvent =
  /** The page asked for a change. It may be saved from now on, acknowledged or not. */
  | { readonly kind: "asked"; readonly change: number }
  /**
   * A `stash()` settled, and the page (or, where a store keeps it, the application) knows of it. `since`
   * is the number of events that had happened when the `stash()` began.
   */
  | {
      readonly kind: "acknowledged";
      readonly join: number;
      readonly status: "saved" | "unchanged";
      readonly state: PageState;
      readonly since: number;
    }
  /** A save of a view was acknowledged to which its page does not listen any more. */
  | { readonly kind: "unheard"; readonly join: number; readonly since: number }
  /** A view has the page's state back, and shows it. */
  | { readonly kind: "recovered"; readonly join: number; readonly state: PageState }
  /** A join ended without an answer of the store, such as `pending` or `error: adapter_failed`. */
  | { readonly kind: "unanswered"; readonly join: number; readonly status: string }
  /** A join was told that there is nothing, or nothing usable: `not_found`, `new`, `error`. */
  | { readonly kind: "missing"; readonly join: number; readonly status: string }
  /** The application deleted the stash with this state, and knows that it is deleted. */
  | { readonly kind: "reset"; readonly state: PageState }
  /** What was acknowledged before may be gone, and may be there: why. */
  | { readonly kind: "excused"; readonly reason: Excuse };

/** What takes a promise back. */
export type Excuse =
  /** The application chose another state, or asked for a reset whose outcome it does not know. */
  | "replaced by the application"
  | "expired"
  /** The only store lost it, with no live view that could give it back; or it died with its only node. */
  | "lost by the store"
  /** Views crashed with it, again and again. */
  | "set aside"
  /** The page was closed, or was loaded anew by its user or by the client. */
  | "left";

/** A rule that a history breaks, at the event with this index (the length of the history for its end). */
export interface HistoryViolation {
  readonly rule:
    /** The page was told that there is nothing, and had been told that there is something. */
    | "lost"
    /** It got back a state without something that was acknowledged before. */
    | "rolled back"
    /** A state without something that was acknowledged before was saved in its place. */
    | "overwritten"
    /** It got back what the application had deleted. */
    | "resurrected"
    /** A view's save was acknowledged, which began after a later view had got the state. */
    | "two owners"
    /** It got another page's state. */
    | "foreign"
    /** It got a change for which nobody had asked. */
    | "made up"
    /** The history ends before what was acknowledged came back. */
    | "not recovered";
  readonly at: number;
  readonly message: string;
}

/** What happened, in figures. */
export interface HistoryFigures {
  readonly acknowledged: number;
  readonly recovered: number;
  /** Joins that met a fault: the store gave no answer in time. */
  readonly pending: number;
  /** Acknowledged states that are gone: 0, or there are violations. */
  readonly lost: number;
}

export interface HistoryOptions {
  readonly page: string;
  /** One view at a time owns what is stored. `false` where browsers hold the state themselves. */
  readonly hasOwners: boolean;
}

/** The state of a counter that counts by one. */
export function countedState(page: string, count: number): PageState {
  return { page, changes: Array.from({ length: count }, (_, index) => index + 1) };
}

/**
 * Checks what one page saw against the promise of live-stash: what was acknowledged comes back, or was
 * replaced by something later of the same page that holds it, or was reset by the application, or is
 * excused; nothing that comes back is older; there are never two owners; and no page gets what is not its own.
 *
 * At the end of the history, everything acknowledged must have been recovered by a last join.
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

/** Counts what happened to any number of pages. */
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
  /** The changes that must not. */
  readonly #deleted = new Set<number>();
  /** The changes that came back last. */
  #proven: ReadonlySet<number> = new Set();
  /** The latest join that got the state, and when. */
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

  /** What comes from now on may be another stash. */
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

  /** Promises what a state holds, which must be all that is promised already. */
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
