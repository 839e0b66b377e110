import { html, navigateLink, type Template } from "@live-stash/live-view";

const PAGES = [
  { path: "/", name: "Counter" },
  { path: "/tic-tac-toe", name: "Tic-tac-toe" },
  { path: "/form", name: "Long form" },
  { path: "/store-away", name: "Store away" },
] as const;

/** Links to all demonstrations, with the one at `path` marked. */
export function navigation(path: string): Template {
  return html`<nav class="pages" aria-label="Demonstrations">
    <ul>
      ${PAGES.map(
        (page) =>
          html`<li>
            <a ${navigateLink(page.path)} aria-current=${page.path === path ? "page" : null}
              >${page.name}</a
            >
          </li>`,
      )}
    </ul>
  </nav>`;
}
