import { readFileSync } from "node:fs";
import { ADAPTER_LOOKS } from "./adapters.ts";
import { CHART_GEOMETRY } from "./figures-section.ts";
import { Markup, markup } from "./markup.ts";
import { themeStyles } from "./theme.ts";

/** One HTML document that needs nothing else: styles and script are in it. */
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

/** An element of an adapter has its colour as `--accent`; the script hides what is switched off. */
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
