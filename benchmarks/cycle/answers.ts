/** The answers of a server to a page's load, join and event. */
export interface Answers {
  readonly document: string;
  readonly setCookie: string;
  /** The payload of the reply to the join, as JSON. */
  readonly join: string;
  /** The payload of the reply to the event, as JSON. */
  readonly event: string;
}

/** The variable of the environment in which the control server finds them, as JSON. */
export const ANSWERS_VARIABLE = "BENCH_ANSWERS";
