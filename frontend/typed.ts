// What is written into a form with data-keep="<name>" stays in this tab until the form is sent: no refresh, no refusal and
// no lost session takes it away. It is kept under the data-typed of the element around it (whose case, who writes).
import htmx from "htmx.org";

type Values = (string | boolean)[];
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const PREFIX = "heed-typed:";

export function keepWhatIsTyped(): void {
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => {
      const form = (event.target as Element).closest<HTMLFormElement>("form[data-keep]");
      const key = form && keyOf(form);
      if (form && key) sessionStorage.setItem(key, JSON.stringify(fieldsOf(form).map(valueOf)));
    });
  }
  // Sent without htmx the form is on its way too; a refusal brings back what was in it.
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) forget(event.target as HTMLFormElement);
  });
  htmx.on("htmx:after:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement.closest<HTMLFormElement>("form[data-keep]");
    if (form && ctx.response && ctx.response.status < 400 && !ctx.response.raw.redirected) forget(form);
  });
  htmx.on("htmx:after:swap", ({ target }) => restoreTyped((target as Element | null)?.parentElement ?? document.body));
  restoreTyped(document.body);
}

/** Puts back what was written into the forms inside `part` and not sent. */
export function restoreTyped(part: Element): void {
  for (const form of part.querySelectorAll<HTMLFormElement>("form[data-keep]")) {
    const values = kept(form);
    const fields = fieldsOf(form);
    if (!values || values.length !== fields.length) continue;
    fields.forEach((field, at) => {
      const value = values[at];
      if (typeof value === "boolean") (field as HTMLInputElement).checked = value;
      else if (value !== undefined) field.value = value;
      if (value !== "" && value !== false) field.closest("details")?.toggleAttribute("open", true);
    });
  }
}

/** Whether something is written in a form inside `part` and not sent. */
export function isTypedIn(part: Element): boolean {
  return [...part.querySelectorAll<HTMLFormElement>("form[data-keep]")].some((form) => kept(form) !== null);
}

function forget(form: HTMLFormElement): void {
  const key = form.matches("form[data-keep]") ? keyOf(form) : null;
  if (key) sessionStorage.removeItem(key);
}

function kept(form: HTMLFormElement): Values | null {
  const key = keyOf(form);
  const text = key ? sessionStorage.getItem(key) : null;
  return text ? (JSON.parse(text) as Values) : null;
}

function keyOf(form: HTMLFormElement): string | null {
  const whose = form.closest<HTMLElement>("[data-typed]")?.dataset.typed;
  return whose ? `${PREFIX}${location.pathname.split("/")[2] ?? ""}:${whose}:${form.dataset.keep ?? ""}` : null;
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>("input:not([type=hidden]), textarea, select")];
}

function valueOf(field: Field): string | boolean {
  return field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : field.value;
}
