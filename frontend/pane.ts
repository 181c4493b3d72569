// The pane beside a list: on a wide screen a link with data-pane="<id>" opens there instead of leaving the list, and
// Escape closes it again. On a narrow one, and without script, it is a link like any other.
import htmx from "htmx.org";

const WIDE = "(min-width: 75rem)";

export function openBeside(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-pane]");
    const pane = link?.dataset.pane ? document.getElementById(link.dataset.pane) : null;
    const wantsTab = event.metaKey || event.ctrlKey || event.shiftKey;
    if (!link || !pane || wantsTab || !window.matchMedia(WIDE).matches) return;
    event.preventDefault();
    pane.hidden = false;
    pane.parentElement?.classList.add("is-open");
    void htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" });
  });
  document.addEventListener("keydown", (event) => {
    const pane = document.querySelector<HTMLElement>(".pane:not([hidden])");
    if (event.key !== "Escape" || !pane || document.querySelector("dialog[open]")) return;
    pane.hidden = true;
    pane.replaceChildren();
    pane.parentElement?.classList.remove("is-open");
  });
}
