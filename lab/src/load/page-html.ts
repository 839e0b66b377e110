/** The parts of a page that a browser needs to join the page's view. */
export interface PageHead {
  readonly csrfToken: string;
  readonly id: string;
  readonly session: string;
  readonly static: string | null;
}

const CSRF = /<meta name="csrf-token" content="([^"]*)"/;
const CONTAINER = /<[a-z]+ [^>]*data-phx-main[^>]*>/;

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];

/** Reads them from a document; returns `undefined` if it has no view. */
export function readPageHead(document: string): PageHead | undefined {
  const csrfToken = CSRF.exec(document)?.[1];
  const tag = CONTAINER.exec(document)?.[0];
  if (csrfToken === undefined || tag === undefined) return undefined;
  const id = attribute(tag, "id");
  const session = attribute(tag, "data-phx-session");
  if (id === undefined || session === undefined) return undefined;
  return { csrfToken, id, session, static: attribute(tag, "data-phx-static") || null };
}

/** The state that a page shows. */
export interface Card {
  readonly status: string;
  readonly count: number;
  readonly size: number;
  readonly probe: string;
}

const CARD =
  /<section[^>]* id="card"\s+data-status="([^"]*)"\s+data-count="(\d+)"\s+data-size="(\d+)"\s+data-probe="([^"]*)"/;

/** Reads the card of a page; returns `undefined` if there is none. */
export function readCard(html: string): Card | undefined {
  const found = CARD.exec(html);
  if (found === null) return undefined;
  const [, status = "", count, size, probe = ""] = found;
  return { status, count: Number(count), size: Number(size), probe };
}

/** Describes a card in a sentence, for the examples of findings. */
export function describeCard(card: Card | undefined): string {
  if (card === undefined) return "no card";
  const { status, count, size, probe } = card;
  return `status ${status}, count ${count}, ${size} entries and "${probe}"`;
}
