import { ADAPTER_LOOKS, type AdapterLook } from "./adapters.ts";

const LIGHT = {
  ink: "#14171f",
  muted: "#5b6270",
  page: "#f6f7f9",
  card: "#ffffff",
  rule: "#e6e8ec",
  "rule-strong": "#b9bec8",
  steady: "#f3f5f9",
  bad: "#b42318",
  "bad-soft": "#fdeceb",
  good: "#11734b",
};

const DARK: typeof LIGHT = {
  ink: "#eceef3",
  muted: "#a2a9b7",
  page: "#0d0f14",
  card: "#14171f",
  rule: "#262b36",
  "rule-strong": "#4a5160",
  steady: "#1a1e28",
  bad: "#ff8a80",
  "bad-soft": "#33171a",
  good: "#5ad19b",
};

/** Defines the colours of pages and pictures as CSS variables of one selector, light and dark. */
export function themeStyles(selector: string): string {
  return (
    `${selector}{color-scheme:light dark;${declare(LIGHT, (look) => look.lightColour)}}` +
    `@media (prefers-color-scheme:dark){${selector}{${declare(DARK, (look) => look.darkColour)}}}`
  );
}

function declare(colours: typeof LIGHT, accent: (look: AdapterLook) => string): string {
  const accents = Object.values(ADAPTER_LOOKS).map((look) => [look.name, accent(look)] as const);
  return [...Object.entries(colours), ...accents]
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");
}
