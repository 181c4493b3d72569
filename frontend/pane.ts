// The pane beside a list: on a wide screen a link with data-pane="<id>" opens there instead of leaving the list. Its
// button and Escape close it and give the focus back to the row; in a field Escape only leaves the field. On a narrow
// screen, and without script, the link is a link like any other.
import htmx from "htmx.org";

const WIDE = "(min-width: 56.25rem)";

export function openBeside(): void {
  document.addEventListener("click", (event) => {
    const clicked = event.target as Element;
    if (clicked.closest("[data-pane-close]")) return close();
    const link = clicked.closest<HTMLAnchorElement>("a[data-pane]");
    const wantsTab = event.metaKey || event.ctrlKey || event.shiftKey;
    if (!link || wantsTab || !isWide()) return;
    event.preventDefault();
    void open(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    const part = document.activeElement?.closest<HTMLElement>(".pane, .case");
    if (part && document.activeElement?.matches("input, textarea, select")) return focusQuietly(part);
    close();
  });
  // A list shows at once what was done beside it.
  htmx.on("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "POST" || !ctx.response || ctx.response.status >= 400) return;
    for (const list of document.querySelectorAll("[data-live][hx-get]")) htmx.trigger(list, "every");
  });
}

/** Whether a link with data-pane opens in its pane. */
export function isWide(): boolean {
  return window.matchMedia(WIDE).matches;
}

/** The pane that is open. */
export function shownPane(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".pane:not([hidden])");
}

/** Whether the open pane shows what this link leads to. */
export function shows(link: HTMLAnchorElement): boolean {
  return shownPane()?.dataset.address === link.pathname;
}

/** Opens what the link leads to in its pane and puts the focus there. */
export async function open(link: HTMLAnchorElement): Promise<void> {
  const pane = document.getElementById(link.dataset.pane ?? "");
  const body = pane?.querySelector<HTMLElement>("[data-pane-body]");
  if (!pane || !body) return;
  if (!shows(link)) {
    pane.dataset.address = link.pathname;
    pane.querySelector("[data-pane-page]")?.setAttribute("href", link.href);
    pane.hidden = false;
    pane.parentElement?.classList.add("is-open");
    const wait = pane.querySelector<HTMLTemplateElement>("[data-pane-wait]");
    body.replaceChildren(...(wait ? [wait.content.cloneNode(true)] : []));
    await htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" });
    markOpen(pane.dataset.address);
  }
  pane.scrollTop = 0;
  focusQuietly(body.querySelector<HTMLElement>("article") ?? pane);
}

function close(): void {
  const pane = shownPane();
  if (!pane) return;
  const address = pane.dataset.address;
  pane.hidden = true;
  pane.querySelector("[data-pane-body]")?.replaceChildren();
  pane.parentElement?.classList.remove("is-open");
  delete pane.dataset.address;
  markOpen();
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[data-pane]")];
  (links.find((link) => link.pathname === address) ?? links[0])?.focus();
}

function markOpen(address?: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-pane]")) {
    link.closest("[data-key-item]")?.toggleAttribute("data-open", link.pathname === address);
  }
}

function focusQuietly(element: HTMLElement): void {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
