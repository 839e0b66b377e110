import { readFileSync } from "node:fs";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { CHART_GEOMETRY } from "./figures-section.ts";
import { Markup, markup } from "./markup.ts";
import { themeStyles } from "./theme.ts";

/** Renders one self-contained HTML document, with its styles and script. */
export function page(title: string, content: readonly Markup[]): string {
  const styles = `${themeStyles(":root")}${accentStyles()}${read("report.css")}`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(styles)}</style>
</head>
<body>
<main>
${content}
</main>
<script type="application/json" id="geometry">${new Markup(CHART_GEOMETRY)}</script>
<script type="module">${new Markup(read("report-script.js"))}</script>
</body>
</html>
`.text;
}

/** Sets `--accent` to an adapter's colour, and hides adapters that are switched off. */
function accentStyles(): string {
  return Object.keys(ADAPTER_LOOKS)
    .map(
      (name) =>
        `.a-${name}{--accent:var(--${name})}.hide-${name} [data-adapter="${name}"]{display:none}`,
    )
    .join("");
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}
