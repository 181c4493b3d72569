// Dialogs open from data-open-dialog="<id>". Escape leads from the search back to where the keyboard came from. Tips (a button with popovertarget and data-tip) open on hover and focus too.
export function openDialogs(): void {
  document.addEventListener("click", (event) => {
    const opener = (event.target as Element).closest<HTMLElement>("[data-open-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.openDialog ?? "");
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    dialog.showModal();
  });
}

export function leadBackFromSearch(): void {
  let before: HTMLElement | null = null;
  const inSearch = (event: Event) => (event.target as Element).matches("[data-search]");
  document.addEventListener("focusin", (event) => {
    if (inSearch(event)) before = event.relatedTarget instanceof HTMLElement ? event.relatedTarget : null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && inSearch(event)) (before?.isConnected ? before : document.getElementById("main"))?.focus();
  });
}

export function showTips(): void {
  for (const type of ["pointerover", "focusin"]) document.addEventListener(type, (event) => show(event));
  for (const type of ["pointerout", "focusout"]) document.addEventListener(type, (event) => hide(event));
  // A press after hovering keeps the tip: without this it would close what the hover has just opened.
  document.addEventListener("click", (event) => {
    const [button, tip] = tipOf(event.target);
    if (!button || !tip?.matches(":popover-open") || button.dataset.tip === "pinned") return;
    event.preventDefault();
    button.dataset.tip = "pinned";
  });
}

function show(event: Event): void {
  const [button, tip] = tipOf(event.target);
  const byTouch = event instanceof PointerEvent && event.pointerType !== "mouse";
  const byPress = event.type === "focusin" && !button?.matches(":focus-visible");
  if (!button || !tip || byTouch || byPress || tip.matches(":popover-open")) return;
  button.dataset.tip = "";
  tip.showPopover({ source: button });
}

function hide(event: Event): void {
  const [button, tip] = tipOf(event.target);
  if (button && button.dataset.tip !== "pinned") tip?.hidePopover();
}

function tipOf(target: EventTarget | null): [HTMLElement | null, HTMLElement | null] {
  const button = target instanceof Element ? target.closest<HTMLElement>("[data-tip][popovertarget]") : null;
  return [button, document.getElementById(button?.getAttribute("popovertarget") ?? "")];
}
