/**
 * Moves the focus where a view asks for it. A frame later than it asks: after a form's submit the
 * client first gives the focus back to the button.
 */
export function focusOnRequest(): void {
  window.addEventListener("phx:showcase:focus", (event) => {
    const { id } = (event as CustomEvent<{ readonly id: string }>).detail;
    requestAnimationFrame(() => document.getElementById(id)?.focus());
  });
}
