// A live list (data-live="<id of its notice>") never moves under the cursor: a poll changes rows where they stand, dims
// those that have left, and only counts the new ones in the notice. The reader brings them in with the notice's button.
import htmx from "htmx.org";

interface Waiting {
  rows: Element[];
}

/** What the keys and the pane have marked: a row keeps it when it is written anew. */
const MARKS = ["aria-current", "data-open"];
const waiting = new WeakMap<Element, Waiting>();

export function keepRowsInPlace(): void {
  htmx.on("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    const task = tasks.find((candidate) => candidate.type === "main");
    const list: unknown = task?.target;
    if (ctx.sourceEvent?.type !== "every" || !(list instanceof HTMLElement) || !list.dataset.live) return;
    // What goes to places of its own, such as counts, is left to htmx.
    tasks.splice(tasks.indexOf(task), 1);
    merge(list, [...(task.fragment as DocumentFragment).children]);
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-live-show]");
    const list = button && document.getElementById(button.dataset.liveShow ?? "");
    if (list) showAll(list);
  });
}

function merge(list: HTMLElement, incoming: Element[]): void {
  const byId = new Map(incoming.filter((row) => row.id).map((row) => [row.id, row]));
  const present = [...list.children].filter((row) => row.id);
  waiting.set(list, { rows: incoming });
  // A list that teaches (no rows with an id) has nothing that could move.
  if (present.length === 0) return showAll(list);
  for (const row of present) {
    const next = byId.get(row.id);
    row.toggleAttribute("data-gone", !next);
    if (next) refresh(row, next);
  }
  const fresh = [...byId.keys()].filter((id) => !present.some((row) => row.id === id));
  announce(list, fresh.length);
}

function refresh(row: Element, next: Element): void {
  if (row.innerHTML === next.innerHTML && row.className === next.className) return;
  const copy = next.cloneNode(true) as Element;
  for (const name of MARKS) if (row.hasAttribute(name)) copy.setAttribute(name, row.getAttribute(name) ?? "");
  keepFocus(row, () => row.replaceWith(copy));
  htmx.process(copy);
}

function showAll(list: HTMLElement): void {
  const rows = waiting.get(list)?.rows ?? [];
  const marked = MARKS.map((name) => [name, list.querySelector(`[${name}]`)?.id] as const);
  keepFocus(list, () => list.replaceChildren(...rows.map((row) => row.cloneNode(true))));
  for (const [name, id] of marked) if (id) document.getElementById(id)?.setAttribute(name, "true");
  htmx.process(list);
  announce(list, 0);
}

function announce(list: HTMLElement, count: number): void {
  const notice = document.getElementById(list.dataset.live ?? "");
  const button = notice?.querySelector<HTMLElement>("[data-live-show]");
  if (!button) return;
  const words = (button.dataset.words ?? "{n}").replace("{n}", String(count));
  // The same words again would be read out again.
  if (count > 0 && button.textContent !== words) button.textContent = words;
  button.hidden = count === 0;
}

/** Does `change` and puts the focus back on the element with the same address or id, when it was inside `part`. */
function keepFocus(part: Element, change: () => void): void {
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  const rowId = focused?.closest("[data-key-item]")?.id;
  change();
  if (!focused) return;
  const row = rowId ? document.getElementById(rowId) : null;
  (row?.querySelector<HTMLElement>("[data-key-open]") ?? row)?.focus({ preventScroll: true });
}
