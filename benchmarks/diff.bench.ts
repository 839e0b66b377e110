import { pathToFileURL } from "node:url";
import { diffTemplates } from "../packages/live-view/src/diff/diff.ts";
import { html } from "../packages/live-view/src/template/html.ts";
import { keyed, type Template } from "../packages/live-view/src/template/template.ts";
import { benchRow, formatRows, type BenchRow } from "./bench-row.ts";
import { measureAgainst, type Contender } from "./measure.ts";

const MAX_RATIO_OF_ONE_CHANGE = 0.1;
const SAMPLING = { samples: 200, runsPerSample: 50, warmUpSamples: 100 };

interface Card {
  readonly id: string;
  readonly status: string;
  readonly path: string;
  readonly title: string;
  readonly customer: string;
  readonly city: string;
  readonly amount: string;
  readonly due: string;
  readonly note: string;
}

const card = (index: number): Card => ({
  id: `order-${index}`,
  status: index % 3 === 0 ? "paid" : "open",
  path: `/orders/${index}`,
  title: `Order ${index} of the spring season`,
  customer: `Customer number ${index}`,
  city: index % 2 === 0 ? "Kraków" : "San Francisco",
  amount: `${index * 13},50 €`,
  due: `2026-08-${String((index % 28) + 1).padStart(2, "0")}`,
  note: "Deliver to the back door & ring twice",
});

/** Renders a page of 50 cards with 10 dynamics each. */
const cardsPage = (cards: readonly Card[]): Template => html`
  <main>
    ${keyed(
      cards,
      ({ id }) => id,
      ({ id, status, path, title, customer, city, amount, due, note }) => html`
        <article id="${id}" class="card card-${status}">
          <h2><a href="${path}">${title}</a></h2>
          <dl>
            <dt>Customer</dt>
            <dd>${customer}</dd>
            <dt>City</dt>
            <dd>${city}</dd>
            <dt>Amount</dt>
            <dd>${amount}</dd>
            <dt>Due</dt>
            <dd>${due}</dd>
          </dl>
          <p>${note}</p>
          <button phx-click="pay" phx-value-id="${id}">Pay</button>
        </article>
      `,
    )}
  </main>
`;

interface Row {
  readonly id: number;
  readonly name: string;
  readonly count: number;
}

const rowsPage = (rows: readonly Row[]): Template => html`
  <table>
    <tbody>
      ${keyed(
        rows,
        ({ id }) => id,
        ({ id, name, count }) => html`
          <tr id="row-${id}">
            <td>${name}</td>
            <td>${count}</td>
          </tr>
        `,
      )}
    </tbody>
  </table>
`;

/** The work of a server per event: it renders again, and writes the diff as JSON. */
interface Page<Assigns> {
  readonly assigns: Assigns;
  readonly render: (assigns: Assigns) => Template;
  /** The assigns after the n-th event. */
  readonly change: (assigns: Assigns, event: number) => Assigns;
}

function contenders<Assigns>({ assigns, render, change }: Page<Assigns>): {
  readonly diff: Contender<Assigns>;
  readonly full: Contender<Assigns>;
} {
  let current = assigns;
  let event = 0;
  const prepare = (count: number): Assigns[] =>
    Array.from({ length: count }, () => (current = change(current, (event += 1))));
  let held = render(assigns);
  return {
    diff: {
      prepare,
      run: (next) => {
        const template = render(next);
        const text = JSON.stringify(diffTemplates(held, template));
        held = template;
        return text;
      },
    },
    full: { prepare, run: (next) => JSON.stringify(diffTemplates(undefined, render(next))) },
  };
}

async function measurePage<Assigns>(
  name: string,
  page: Page<Assigns>,
  maxRatio?: number,
): Promise<readonly BenchRow[]> {
  const { diff, full } = contenders(page);
  const { subjectUs, controlUs, ratio } = await measureAgainst(diff, full, SAMPLING);
  return [
    benchRow(`${name}: event to diff`, subjectUs, "µs"),
    benchRow(`${name}: full render + JSON`, controlUs, "µs"),
    benchRow(`${name}: ratio`, ratio, "of the full render", maxRatio),
  ];
}

const replaceAt = <Item>(items: readonly Item[], index: number, item: Item): readonly Item[] =>
  items.map((old, position) => (position === index ? item : old));

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** Compares an event that changes little of a page with rendering the whole page. */
export async function run(): Promise<BenchRow[]> {
  const cards: readonly Card[] = numbers(50).map(card);
  const rows: readonly Row[] = numbers(1_000).map((id) => ({
    id,
    name: `Row number ${id}`,
    count: id * 7,
  }));
  return [
    ...(await measurePage(
      "1 of 500 dynamics",
      {
        assigns: cards,
        render: cardsPage,
        change: (before, event) => {
          const index = event % before.length;
          return replaceAt(before, index, { ...card(index), amount: `${event} €` });
        },
      },
      MAX_RATIO_OF_ONE_CHANGE,
    )),
    ...(await measurePage("1 of 1,000 rows changed", {
      assigns: rows,
      render: rowsPage,
      change: (before, event) => {
        const id = event % before.length;
        return replaceAt(before, id, { id, name: `Row number ${id}`, count: event });
      },
    })),
    ...(await measurePage("2 of 1,000 rows swapped", {
      assigns: rows,
      render: rowsPage,
      change: (before, event) => {
        const [one, other] = [event % before.length, (event * 7 + 1) % before.length];
        const swapped = [...before];
        const [first, second] = [before[one], before[other]];
        if (first !== undefined && second !== undefined) {
          swapped[one] = second;
          swapped[other] = first;
        }
        return swapped;
      },
    })),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(formatRows(await run()));
}
