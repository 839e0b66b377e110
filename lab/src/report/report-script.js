// The script of the report's page, which is readable without it: a cursor at the same second of all
// charts, and switches that hide an adapter everywhere.

/** @typedef {{ width: number, height: number, left: number, right: number, top: number, bottom: number }} Geometry */
/** @typedef {{ panel: HTMLElement, plot: HTMLElement, cursor: HTMLElement, lines: Map<string, number[][]> }} Chart */

const GEOMETRY = /** @type {Geometry} */ (
  JSON.parse(document.querySelector("#geometry")?.textContent ?? "{}")
);
const PLOT_WIDTH = GEOMETRY.width - GEOMETRY.left - GEOMETRY.right;
const PLOT_HEIGHT = GEOMETRY.height - GEOMETRY.top - GEOMETRY.bottom;

for (const button of document.querySelectorAll("[data-switch]")) {
  button.addEventListener("click", () => {
    const isShown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isShown));
    document.body.classList.toggle(`hide-${button.getAttribute("data-switch")}`, !isShown);
  });
}

/** @type {Chart[]} */
const charts = [];
for (const panel of document.querySelectorAll(".panel[data-end]")) {
  const plot = panel.querySelector(".plot");
  if (!(panel instanceof HTMLElement) || !(plot instanceof HTMLElement)) continue;
  const cursor = document.createElement("div");
  cursor.className = "cursor";
  cursor.hidden = true;
  cursor.append(document.createElement("span"));
  plot.append(cursor);
  for (const number of panel.querySelectorAll(".legend b")) {
    number.setAttribute("data-summary", number.textContent ?? "");
  }
  charts.push({ panel, plot, cursor, lines: readLines(panel, plot) });
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * GEOMETRY.width;
    const share = (x - GEOMETRY.left) / PLOT_WIDTH;
    if (share < 0 || share > 1) hideCursors();
    else showCursors(share * Number(panel.dataset["seconds"]));
  });
  plot.addEventListener("pointerleave", hideCursors);
}

/**
 * Reads the strong lines' points, as second and value, back from the drawn paths, so that the page
 * contains its data only once.
 *
 * @param {HTMLElement} panel
 * @param {HTMLElement} plot
 */
function readLines(panel, plot) {
  const seconds = Number(panel.dataset["seconds"]);
  const end = Number(panel.dataset["end"]);
  /** @type {Map<string, number[][]>} */
  const lines = new Map();
  for (const path of plot.querySelectorAll("path[data-adapter]:not([stroke-opacity])")) {
    const pairs = (path.getAttribute("d") ?? "").matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g);
    const points = [...pairs].map(([, x, y]) => [
      ((Number(x) - GEOMETRY.left) / PLOT_WIDTH) * seconds,
      (1 - (Number(y) - GEOMETRY.top) / PLOT_HEIGHT) * end,
    ]);
    lines.set(path.getAttribute("data-adapter") ?? "", points);
  }
  return lines;
}

/** @param {number} second */
function showCursors(second) {
  const minutes = Math.floor(second / 60);
  const time = `${minutes}:${String(Math.floor(second % 60)).padStart(2, "0")}`;
  for (const { panel, cursor, lines } of charts) {
    const share = second / Number(panel.dataset["seconds"]);
    cursor.hidden = share > 1;
    cursor.style.left = `${((GEOMETRY.left + share * PLOT_WIDTH) / GEOMETRY.width) * 100}%`;
    const label = cursor.firstElementChild;
    if (label !== null) label.textContent = time;
    for (const item of panel.querySelectorAll(".legend li")) {
      const number = item.querySelector("b");
      const value = valueAt(lines.get(item.getAttribute("data-adapter") ?? ""), second);
      if (number !== null) number.textContent = format(value, panel);
    }
  }
}

function hideCursors() {
  for (const { panel, cursor } of charts) {
    cursor.hidden = true;
    for (const number of panel.querySelectorAll(".legend b")) {
      number.textContent = number.getAttribute("data-summary");
    }
  }
}

/**
 * @param {number[][] | undefined} points
 * @param {number} second
 */
function valueAt(points, second) {
  let best;
  let distance = Number.POSITIVE_INFINITY;
  for (const [at = 0, value = 0] of points ?? []) {
    if (Math.abs(at - second) >= distance) continue;
    distance = Math.abs(at - second);
    best = value;
  }
  return best;
}

/**
 * @param {number | undefined} value
 * @param {HTMLElement} panel
 */
function format(value, panel) {
  if (value === undefined) return "–";
  const scaled = Math.max(0, value) / Number(panel.dataset["scale"]);
  const digits = scaled < 10 ? 2 : scaled < 100 ? 1 : 0;
  return `${scaled.toFixed(digits)}\u00a0${panel.dataset["suffix"] ?? ""}`.trim();
}
