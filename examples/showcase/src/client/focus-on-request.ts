/**
 * Moves the focus to the element that a view requests. This happens a frame later, because after a form's
 * submit the client first returns the focus to the button.
 */
export function focusOnRequest(): void {
  window.addEventListener("phx:showcase:focus", (event) => {
    const { id } = (event as CustomEvent<{ readonly id: string }>).detail;
    requestAnimationFrame(() => document.getElementById(id)?.focus());
  });
}
