"""`/dev/mail`: reading the mail that a development Heed sent, on this machine only.

A mail's HTML is shown in a frame of its own under a policy that runs no script and loads nothing from outside.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request

from app.runtime import mailbox
from app.runtime.home import Home
from app.runtime.peer import is_local

HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'self'"
)
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")
SHOWN = 200

bp = Blueprint("devmail", __name__, url_prefix="/dev/mail", template_folder="templates")


@bp.before_request
def _here_only() -> None:
    settings = current_app.extensions["heed_settings"]
    if not settings.embedded or not is_local(request):
        abort(404)


def _folder() -> Path:
    return Home(current_app.extensions["heed_settings"].home).mail


@bp.get("")
def index() -> str:
    """The kept mails, newest first."""
    folder = _folder()
    found = (mailbox.find(folder, name) for name in mailbox.names(folder)[:SHOWN])
    return render_template("runtime/mails.html", mails=[mail for mail in found if mail is not None])


@bp.get("/<name>")
def show(name: str) -> str:
    """One mail: headers, links, text, and its HTML in a frame."""
    mail = _get(name)
    headers = [(header, mail.header(header)) for header in HEADERS if mail.header(header)]
    return render_template("runtime/mail.html", mail=mail, headers=headers)


@bp.get("/<name>/html")
def html(name: str) -> Response:
    """The HTML part alone, for the frame; its links open a new tab."""
    body = _get(name).html
    response = Response(f'<!doctype html><base target="_blank">{body}', mimetype="text/html")
    response.headers["Content-Security-Policy"] = HTML_POLICY
    return response


def _get(name: str) -> mailbox.Mail:
    mail = mailbox.find(_folder(), name)
    if mail is None:
        abort(404)
    return mail
