"""The error pages: one card per status, the same words for everybody.

A 404 is the same bytes whatever was asked for, so that nobody learns what exists. Addresses with another error shape
(the API) register a delegate for their prefix; readers who want JSON get problem+json; htmx gets a notice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, json, make_response, request, session
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, default_exceptions

from app.extensions import limiter
from app.kernel.errors import HeedError, TooMany, Unavailable
from app.web.htmx import is_htmx

Problem = HeedError | HTTPException
Delegate = Callable[[Problem], ResponseReturnValue]
_DELEGATES = "heed_error_delegates"
_CUSTOMERS = ("/r/", "/s/", "/u/", "/c/", "/w/")
"""Where customers are, who have never seen a page of the staff's."""
_RETRY_SECONDS = 60
_AWAY_SECONDS = 2

log = logging.getLogger(__name__)


class Words(NamedTuple):
    """What a status is called and what the reader can do about it."""

    title: LazyString
    detail: LazyString


WORDS: dict[int, Words] = {
    400: Words(
        _l("We could not read that"), _l("The request was not complete. Go back, reload the page and try again.")
    ),
    402: Words(
        _l("Read-only until the invoice is paid"),
        _l("Nothing was saved. What customers answer keeps coming in and nothing is lost."),
    ),
    403: Words(
        _l("You cannot do this"),
        _l("Your role does not include it. An administrator of your organisation can change that."),
    ),
    404: Words(
        _l("There is nothing here"),
        _l("The address may be mistyped or the page may be gone. Check the link, or start from the first page."),
    ),
    405: Words(_l("This does not work that way"), _l("Go back to the page you came from and use its buttons.")),
    409: Words(
        _l("Somebody was faster"),
        _l("What you wanted to change has changed since. Reload the page to see how it stands now."),
    ),
    410: Words(_l("This is closed"), _l("The link was right, but it has expired or been used. Nothing was saved.")),
    413: Words(_l("That is too large"), _l("Nothing was saved. Shorten the text or split the file, then try again.")),
    422: Words(_l("Something is missing"), _l("Nothing was saved. Go back and check what you entered.")),
    429: Words(_l("A little slower, please"), _l("There were too many requests. Wait a minute and try again.")),
    500: Words(
        _l("Something broke on our side"),
        _l("What was saved before is safe. Try again; if it happens once more, tell your administrator."),
    ),
    503: Words(_l("Back in a moment"), _l("A part we need is restarting. Nothing was lost. Try again in a minute.")),
}
_EXPIRED_FORM = Words(
    _l("This page was open for too long"), _l("For your safety, reload the page and send the form again.")
)
_BROKEN_LINK = Words(
    _l("This link does not work"),
    _l("It may have been cut off on its way. Open it once more from the message in which you got it."),
)


_AWAY = (OperationalError, PoolTimeout)


def init_app(app: Flask) -> None:
    """Answer every refusal and failure of `app` with our pages."""
    app.extensions[_DELEGATES] = {}
    app.register_error_handler(HeedError, _answer)
    for status in WORDS.keys() & default_exceptions.keys():
        app.register_error_handler(status, _answer)
    for away in _AWAY:
        app.register_error_handler(away, _database_is_away)


def delegate_errors(app: Flask, prefix: str, handler: Delegate) -> None:
    """Hand errors below the address `prefix` (such as "/api/") to `handler`, which makes its own error shape."""
    app.extensions[_DELEGATES][prefix] = handler


def render_problem_page(status: int, title: str, detail: str) -> Response:
    """The error page for `status`, with nothing of the request in it."""
    # Not render_template: the context processors of other rooms must not run (or fail) on an error page.
    is_for_customers = request.path.startswith(_CUSTOMERS)
    template = current_app.jinja_env.get_template("respond/problem.html" if is_for_customers else "web/error.html")
    return make_response(template.render(status=status, title=title, detail=detail), status)


def _answer(problem: Problem) -> ResponseReturnValue:
    try:
        return _told(problem)
    except _AWAY as error:  # the language of the page was asked for in vain
        return _database_is_away(error)


def _told(problem: Problem) -> ResponseReturnValue:
    for prefix, handler in current_app.extensions[_DELEGATES].items():
        if request.path.startswith(prefix):
            return handler(problem)
    status, words = _status_and_words(problem)
    title, detail = str(words.title), _detail(problem, words)
    if _wants_json():
        response = _problem_json(status, title, detail, problem)
    elif is_htmx(request):
        response = _notice(status, title, detail)
    else:
        response = render_problem_page(status, title, detail)
    response.headers.extend(_extra_headers(problem, status))
    return response


def _database_is_away(error: Exception) -> ResponseReturnValue:
    # A database that restarts, or has no connection to spare, is no fault of the request: nothing was written.
    log.warning("the database is away: %s", str(error).splitlines()[0])
    # The page must not ask for its reader's language there: the session or the browser knows it too.
    g.locale = g.get("locale") or session.get("locale") or request.accept_languages.best or "en"
    return _told(Unavailable())


def _status_and_words(problem: Problem) -> tuple[int, Words]:
    status = (problem.status if isinstance(problem, HeedError) else problem.code) or 500
    if status == 404 and request.path.startswith(_CUSTOMERS):
        return status, _BROKEN_LINK
    return status, _EXPIRED_FORM if isinstance(problem, CSRFError) else WORDS.get(status, WORDS[500])


def _detail(problem: Problem, words: Words) -> str:
    # A refusal of ours may say more than its status does, except where every answer has to look the same.
    if isinstance(problem, HeedError) and problem.status not in (404, 500) and str(problem) != problem.title:
        return str(problem)
    return str(words.detail)


def _extra_headers(problem: Problem, status: int) -> dict[str, str]:
    if status == 429:
        return {"Retry-After": str(_retry_after(problem))}
    if status == 503:
        return {"Retry-After": str(_AWAY_SECONDS)}
    if isinstance(problem, HTTPException) and status == 405:
        return {name: value for name, value in problem.get_headers() if name == "Allow"}
    return {}


def _retry_after(problem: Problem) -> int:
    if isinstance(problem, TooMany):
        return problem.retry_after
    limit = limiter.current_limit
    return max(1, int(limit.reset_at - time.time()) + 1) if limit else _RETRY_SECONDS


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return request.is_json or (accepted.accept_json and not accepted.accept_html)


def _problem_json(status: int, title: str, detail: str, problem: Problem) -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    faults = problem.faults if isinstance(problem, HeedError) else ()
    if faults:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return Response(json.dumps(body), status, mimetype="application/problem+json")


def _notice(status: int, title: str, detail: str) -> Response:
    template = current_app.jinja_env.get_template("web/_notice.html")
    # htmx puts the body of an error where the answer would have gone; this sends it to the page's notices instead.
    headers = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
    return Response(template.render(title=title, detail=detail), status, headers)
