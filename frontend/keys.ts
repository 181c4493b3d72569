// Keys, driven by attributes. In a list (data-key-nav) j and k or the arrows move between its rows (data-key-item), x
// ticks the row's data-key-select box, enter follows its data-key-open link as links do. data-hotkey="c" makes c press
// that button, or with data-hotkey-focus="<id>" go to that field. Where rows open in a pane (data-pane-keys), these keys
// open the case of the marked row first. Ctrl-K goes to the search, Ctrl-Enter sends the form one writes in. A checkbox
// data-keys-switch turns the single letters off for this browser.
import { isWide, open, shownPane, shows } from "./pane";

const OFF = "heed-single-keys-off";
const STEP: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
let lastRow = "";

export function listenForKeys(): void {
  const choice = document.querySelector<HTMLInputElement>("[data-keys-switch]");
  if (choice) choice.checked = areOn();
  choice?.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  document.addEventListener("focusin", (event) => {
    const row = (event.target as Element).closest<HTMLElement>("[data-key-item]");
    if (row) mark(row);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return focusSearch(event);
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return send(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow") ? inList(event.target) : areOn()) act(event);
  });
  const asked = /^#key-([a-z])$/.exec(location.hash)?.[1];
  if (!asked) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  press(asked, document);
}

export function openHelpOnQuestionMark(): void {
  document.addEventListener("keydown", (event) => {
    const help = document.querySelector<HTMLDialogElement>("dialog[data-key-help]");
    if (event.key !== "?" || !help || help.open || isTyping(event.target) || !areOn()) return;
    event.preventDefault();
    help.showModal();
  });
}

function act(event: KeyboardEvent): void {
  const step = STEP[event.key];
  const done = step ? move(step) : event.key === "x" && tick() ? true : inPane(event.key) || press(event.key, document);
  if (done) event.preventDefault();
}

/** Sends a key of the pane to the case of the marked row, or to the open one when the focus is in it. */
function inPane(key: string): boolean {
  const keys = document.querySelector<HTMLElement>("[data-pane-keys]")?.dataset.paneKeys?.split(" ") ?? [];
  const link = currentRow()?.querySelector<HTMLAnchorElement>("a[data-pane]");
  const pane = shownPane();
  if (!keys.includes(key)) return false;
  if (pane && (!link || shows(link) || pane.contains(document.activeElement))) return press(key, pane);
  if (!link) return false;
  if (isWide()) void open(link).then(() => press(key, shownPane() ?? document));
  else location.href = `${link.href}#key-${key}`;
  return true;
}

function move(step: number): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-key-nav] [data-key-item]")].filter(isVisible);
  if (rows.length === 0) return false;
  const at = rows.findIndex((row) => row === currentRow());
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return false;
  const open = next.querySelector<HTMLElement>("[data-key-open]") ?? next;
  open.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tick(): boolean {
  const box = currentRow()?.querySelector<HTMLInputElement>("[data-key-select]");
  box?.click();
  return Boolean(box);
}

function press(key: string, where: ParentNode): boolean {
  const selector = `[data-hotkey="${CSS.escape(key)}"]`;
  const here = [...(currentRow()?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const anywhere = where.querySelectorAll<HTMLElement>(selector);
  const found = [...here, ...anywhere].find((one) => !one.matches(":disabled") && (isVisible(one) || isFolded(one)));
  if (!found) return false;
  const fold = found.closest("details");
  if (fold) fold.open = true;
  if (found.matches("input[type=radio]")) (found as HTMLInputElement).checked = true;
  if (found.dataset.hotkeyFocus) document.getElementById(found.dataset.hotkeyFocus)?.focus();
  else if (found.matches("input:not([type=checkbox],[type=radio]), textarea, select")) found.focus();
  else found.click();
  return true;
}

function mark(row: HTMLElement): void {
  lastRow = row.id;
  for (const other of document.querySelectorAll("[data-key-item][aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

function send(event: KeyboardEvent): void {
  const form = isTyping(event.target) ? (event.target as Element).closest("form") : null;
  if (!form || form.method !== "post") return;
  event.preventDefault();
  form.requestSubmit(form.querySelector<HTMLElement>("button:not([type=button])"));
}

function currentRow(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-key-item]");
  const last = lastRow ? document.getElementById(lastRow) : null;
  return focused ?? last;
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>("[data-search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

function areOn(): boolean {
  return localStorage.getItem(OFF) === null;
}

function isTyping(target: EventTarget | null): boolean {
  const selector = "input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]";
  return target instanceof Element && target.closest(selector) !== null;
}

function inList(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-key-nav]") !== null && !target.matches("input[type=radio]");
}

function isVisible(element: HTMLElement): boolean {
  return element.checkVisibility();
}

function isFolded(element: HTMLElement): boolean {
  const fold = element.closest("details:not([open])");
  return fold instanceof HTMLElement && isVisible(fold);
}
