"""The security headers of every answer, and the nonce that lets one style element of ours through.

A view that needs something else (an embed, a download) sets the header itself: what is already there is left alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import Flask, Response, g, request

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_ONE_YEAR = "max-age=31536000"


def init_app(app: Flask, *, https: bool) -> None:
    """Send the headers with every answer of `app`; `https` says that the public address is an https one."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault(
            "Content-Security-Policy", content_security_policy(g.get("csp_nonce"), g.get("form_targets", ()))
        )
        if https:
            response.headers.setdefault("Strict-Transport-Security", _ONE_YEAR)
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", _cache_control(request.path))
        return response


def csp_nonce() -> str:
    """The nonce of this request. The policy names one only when a page has asked for it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def content_security_policy(nonce: str | None, form_targets: Sequence[str] = ()) -> str:
    """Our own files only, and inline elements that carry `nonce` when there is one; forms lead to ourselves, and on to
    `form_targets` (origins), which a view that needs any puts into `g`."""
    own = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    targets = " ".join(("'self'", *form_targets))
    return (
        f"default-src 'self'; script-src {own}; style-src {own}; img-src 'self' data:; object-src 'none'; "
        f"base-uri 'none'; form-action {targets}; frame-ancestors 'none'"
    )


def _cache_control(path: str) -> str:
    # Pages behind a sign-in must not come back from the disk of a shared computer after the sign-out.
    behind_sign_in = path.startswith(("/t/", "/account/")) or path == "/account"
    return "no-store" if behind_sign_in else "private, no-cache"
