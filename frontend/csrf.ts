// Sends the CSRF token of the page with each htmx request that changes something.
import htmx from "htmx.org";

export function sendCsrfToken(): void {
  htmx.on("htmx:config:request", ({ detail: { ctx } }) => {
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
    if (token && ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = token;
  });
}
