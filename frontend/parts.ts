// Something that keeps itself up to date (data-parts) is polled as a whole and changed in parts (data-part, with an id):
// a part is replaced only when it has changed and nobody is writing in it. After an act the whole is replaced, and the
// focus goes to what the act has to say (data-focus).
import htmx from "htmx.org";
import { isTypedIn, restoreTyped } from "./typed";

export function updateInParts(): void {
  htmx.on("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    const whole = ctx.sourceElement;
    if (ctx.sourceEvent?.type !== "every" || !whole.matches("[data-parts]")) return;
    event.preventDefault();
    const fresh = tasks.find((task) => task.type === "main")?.fragment as DocumentFragment | undefined;
    for (const next of fresh?.querySelectorAll<HTMLElement>("[data-part]") ?? []) exchange(whole, next);
  });
  htmx.on("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.request.method !== "POST") return;
    const whole = document.querySelector<HTMLElement>("[data-parts]");
    const says = whole?.querySelector<HTMLElement>("[data-focus]") ?? whole;
    if (!says || (says === whole && document.activeElement !== document.body)) return;
    says.focus({ preventScroll: true });
    says.scrollIntoView({ block: "nearest" });
  });
}

function exchange(whole: Element, next: HTMLElement): void {
  const part = whole.querySelector<HTMLElement>(`#${CSS.escape(next.id)}`);
  if (!part || isInUse(part) || plain(part) === plain(next)) return;
  const hadFocus = part.contains(document.activeElement);
  part.replaceWith(next);
  htmx.process(next);
  restoreTyped(next);
  if (hadFocus) whole.closest<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

function isInUse(part: HTMLElement): boolean {
  const focused = document.activeElement;
  const isWriting = focused?.matches("input, textarea, select, button") && part.contains(focused);
  return Boolean(isWriting) || isTypedIn(part);
}

/** What the server has written: without its tokens, what htmx notes down, and what the reader has unfolded. */
function plain(part: HTMLElement): string {
  const copy = part.cloneNode(true) as HTMLElement;
  for (const element of copy.querySelectorAll("*")) {
    if (element.matches("[name=csrf_token]")) element.remove();
    for (const name of element.getAttributeNames()) if (name.startsWith("data-htmx")) element.removeAttribute(name);
    if (element.matches("details")) element.removeAttribute("open");
    if (element.classList.contains("htmx-request")) element.classList.remove("htmx-request");
  }
  return copy.innerHTML.replaceAll(' class=""', "");
}
