"""Answering htmx: a fragment or the whole page, a redirect it can follow, and 304 for a poll with nothing new."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from flask import Request, Response, g, make_response, redirect, render_template, request


def is_htmx(request: Request) -> bool:
    """Whether htmx asks for a fragment. Going back in the history is not such a request: it needs the page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def render(template: str, fragment: str | None = None, *, status_code: int = 200, **context: Any) -> Response:
    """Render `fragment` for htmx (when there is one), else the page `template`, both with the same `context`."""
    chosen = fragment if fragment and is_htmx(request) else template
    response = make_response(render_template(chosen, **context), status_code)
    # A cache must never hand the fragment to somebody who asked for the page.
    response.vary.add("HX-Request")
    return response


def conditional(answer: Response | str) -> Response:
    """`answer` with an ETag over its text, or 304 when the reader already has it. Polled views return through this."""
    response = make_response(answer)
    response.set_etag(_fingerprint(response.get_data(as_text=True)))
    response.make_conditional(request)
    return response


def redirect_to(location: str) -> Response:
    """Send the reader to `location`: 303, or for htmx 204 with HX-Redirect, since fetch would follow a 303 itself."""
    if is_htmx(request):
        return Response(status=204, headers={"HX-Redirect": location})
    return make_response(redirect(location, code=303))


def _fingerprint(text: str) -> str:
    # The CSRF token and the nonce differ each time although nothing has changed for the reader.
    for changing in (g.get("csrf_token"), g.get("csp_nonce")):
        if changing:
            text = text.replace(str(changing), "")
    return blake2b(text.encode(), digest_size=12).hexdigest()
