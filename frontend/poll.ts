// Polling that costs little: an element with hx-trigger="every …" sends the ETag of what it shows and gets 304 when
// nothing has changed. Hidden tabs do not poll. While polls fail, the element says so (data-stale) and keeps trying.
import htmx, { type HtmxRequestCtx } from "htmx.org";

interface Shown {
  address: string;
  etag: string;
}

const shown = new WeakMap<Element, Shown>();

export function rememberEtags(): void {
  htmx.on("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (!isPoll(ctx)) return;
    if (document.hidden) return event.preventDefault();
    const last = shown.get(ctx.sourceElement);
    if (last?.address === ctx.request.action) ctx.request.headers["If-None-Match"] = last.etag;
  });
  htmx.on("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (!isPoll(ctx) || !ctx.response) return;
    const { status, headers } = ctx.response;
    // Sent on to another page: the session is over, and what came is not what was asked for.
    const isElsewhere = ctx.response.raw.redirected;
    ctx.sourceElement.toggleAttribute("data-stale", status >= 400 || isElsewhere);
    if (status >= 300 || isElsewhere) return event.preventDefault();
    const etag = headers.get("ETag");
    if (etag) shown.set(ctx.sourceElement, { address: ctx.request.action, etag });
    else shown.delete(ctx.sourceElement);
  });
  htmx.on("htmx:error", ({ detail: { ctx } }) => {
    if (ctx && isPoll(ctx)) ctx.sourceElement.toggleAttribute("data-stale", true);
  });
}

function isPoll(ctx: HtmxRequestCtx): boolean {
  return ctx.sourceEvent?.type === "every";
}
