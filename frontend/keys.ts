// Keys, driven by attributes. In a list (data-key-nav) j and k or the arrows move between its rows (data-key-item), x
// ticks the row's data-key-select box, enter follows its data-key-open link as links do. data-hotkey="c" makes c press
// that button. Ctrl-K goes to the search. A checkbox data-keys-switch turns the single letters off for this browser.
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
    lastRow = (event.target as Element).closest("[data-key-item]")?.id ?? lastRow;
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return focusSearch(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow") ? inList(event.target) : areOn()) act(event);
  });
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
  const done = step ? move(step) : event.key === "x" && tick() ? true : press(event.key);
  if (done) event.preventDefault();
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

function press(key: string): boolean {
  const selector = `[data-hotkey="${CSS.escape(key)}"]`;
  const here = [...(currentRow()?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const anywhere = document.querySelectorAll<HTMLElement>(selector);
  const button = [...here, ...anywhere].find((candidate) => isVisible(candidate) && !candidate.matches(":disabled"));
  if (!button) return false;
  if (button.matches("input:not([type=checkbox],[type=radio]), textarea, select")) button.focus();
  else button.click();
  return true;
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
