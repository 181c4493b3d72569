"""The widget at other people's pages: its script with the survey inside, and the POST that answers.

Only pages of the listed sites are let in, by the Origin that their browsers send; the others get no CORS header. GET,
HEAD and OPTIONS write nothing, and nothing here needs a cookie.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request
from flask_limiter.util import get_remote_address

from app.extensions import limiter
from app.kernel.errors import BadRequest, Forbidden
from app.surveys.answering import queries, service
from app.surveys.answering.rules import choose_locale
from app.surveys.answering.service import ByWidget, Submission
from app.surveys.answering.views.customer import stored_state
from app.surveys.answering.views.posted import OpenAnswers, read_posted
from app.surveys.answering.views.widget_script import NOT_HERE, script_of
from app.surveys.answering.widget_rules import is_listed, origin_of
from app.tenants.access import by_token
from app.web.packing import pack

bp = Blueprint("widget", __name__)

PER_ADDRESS = "120 per minute"
FRESH_SECONDS = 300
"""For so long a page uses the script that its browser has, without asking."""
_PREFLIGHT_SECONDS = 7200


def posts_to_one_widget() -> str:
    """Who posts, and to which widget."""
    return f"{request.path}:{get_remote_address()}"


@bp.before_request
def admit() -> None:
    """Note which listed site asks to answer; a preflight and the POST after it are judged alike."""
    if request.endpoint == "widget.answer":
        origin = request.headers.get("Origin", "")
        g.widget_site = origin if is_listed(origin, queries.get_widget(g.token_object_id).sites) else None


@bp.after_request
def let_page_read(response: Response) -> Response:
    """Let the page of a listed site, and no other, read the answer; refusals too, else its script could not tell."""
    if request.endpoint != "widget.answer":
        return response
    response.vary.add("Origin")
    if site := g.get("widget_site"):
        response.headers["Access-Control-Allow-Origin"] = site
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


@bp.get("/w/<token>.js")
@by_token("widget")
def script() -> Response:
    """The script with the survey inside, in the language of ?lang= or of the browser; ?lang= comes first."""
    wanted = (request.args.get("lang"), *request.accept_languages.values())
    widget, origin = queries.get_widget(g.token_object_id), origin_of(request.referrer)
    # A page that may not answer shows nothing; one whose browser does not say where it is finds out when it answers.
    is_elsewhere = origin is not None and not is_listed(origin, widget.sites)
    body = NOT_HERE if is_elsewhere else script_of(widget, lambda offered: choose_locale(offered, *wanted))
    return _cacheable(Response(body, mimetype="text/javascript"))


def _cacheable(response: Response) -> Response:
    """The script as browsers keep it: packed where they can unpack it, and not sent again while it is the same."""
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.vary.update(("Accept-Language", "Referer"))
    response.add_etag(weak=True)
    pack(response)
    response.make_conditional(request)
    return response


@bp.post("/w/<token>/responses")
@limiter.limit(PER_ADDRESS, key_func=posts_to_one_widget)
@by_token("widget")
def answer() -> tuple[Response, int]:
    """Take answers from a page of a listed site."""
    if g.widget_site is None:
        raise Forbidden("This widget takes no answers from this site.")
    if not request.is_json:
        raise BadRequest("Send JSON.")
    posted = read_posted(OpenAnswers)
    way = ByWidget(g.token_object_id, posted.key or "")
    submission = Submission(way, posted.answers, posted.complete, posted.revision, locale=request.args.get("lang"))
    outcome = service.submit_response(submission)
    return jsonify(stored_state(outcome)), 201 if outcome.is_new else 200
