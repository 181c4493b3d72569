"""What can be done on a case. A refused act answers the case again with the reason, and with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import parse_id
from app.loop.cases import service
from app.loop.cases.service import NotClosable, WrapUp
from app.loop.cases.views.blueprints import bp
from app.loop.cases.views.page import Refusal, answer_case
from app.loop.cases.words import missing_fault
from app.loop.causes.rules import RootCause
from app.tenants.access import member, permission, tenant
from app.web.htmx import is_htmx

_NOBODY = UUID(int=0)


@bp.post("/<int:number>/assignment")
@permission("cases.work")
def assign(number: int) -> Response:
    """Give the case to somebody; without a name, to oneself."""
    named = request.form.get("user", "")
    user_id = (parse_id(named) or _NOBODY) if named else member().user_id
    done = _("The case is yours.") if user_id == member().user_id else _("Given.")
    return act_on(number, "owner", lambda: service.assign_case(number, user_id, expected=_expected_owner()), done)


@bp.post("/<int:number>/contacts")
@permission("cases.work")
def contact(number: int) -> Response:
    """Log an attempt to reach the customer."""
    form = request.form
    channel, outcome = form.get("channel", ""), form.get("outcome", "")
    text = form.get("text", "")
    return act_on(number, "contact", lambda: service.record_first_contact(number, channel, outcome, text), _("Logged."))


@bp.post("/<int:number>/notes")
@permission("cases.work")
def note(number: int) -> Response:
    """Write a note."""
    return act_on(number, "note", lambda: service.add_note(number, request.form.get("text", "")), _("Noted."))


@bp.post("/<int:number>/waiting")
@permission("cases.work")
def wait(number: int) -> Response:
    """Say whom the case waits for."""
    whom, reason = request.form.get("for", ""), request.form.get("reason", "")
    return act_on(number, "wait", lambda: service.set_waiting(number, whom, reason), _("The case waits."))


@bp.post("/<int:number>/resumption")
@permission("cases.work")
def resume(number: int) -> Response:
    """Take the case up again."""
    return act_on(number, "owner", lambda: service.resume_work(number), _("The case goes on."))


@bp.post("/<int:number>/severity")
@permission("cases.work")
def severity(number: int) -> Response:
    """Make the case graver or milder."""
    form = request.form
    wanted = int(form["severity"]) if form.get("severity", "") in ("1", "2", "3", "4") else 0
    return act_on(
        number, "severity", lambda: service.change_severity(number, wanted, form.get("reason", "")), _("Changed.")
    )


@bp.post("/<int:number>/wrap-up")
@permission("cases.work")
def wrap_up(number: int) -> Response:
    """Keep what was done and why, and close the case when its button says so."""
    closes = request.form.get("act") == "close"
    done = _("Closed. The customer is asked whether it is solved.") if closes else _("Kept.")
    return act_on(number, "close", lambda: service.wrap_up(number, _read_wrap_up(), closes=closes), done)


@bp.post("/<int:number>/reopening")
@permission("cases.work")
def reopen(number: int) -> Response:
    """Open a closed case again."""
    return act_on(
        number, "reopen", lambda: service.reopen_case(number, request.form.get("because", "")), _("Open again.")
    )


def act_on(number: int, form: str, verb: Callable[[], object], done: str) -> Response:
    """Run one verb and answer the case: with what was done, or, in the form it came from, with why it was refused."""
    try:
        verb()
    except NotClosable as refusal:
        faults = [missing_fault(missing) for missing in refusal.missing]
        return answer_case(number, status=409, refusal=Refusal(form, str(refusal), faults, request.form))
    except (Conflict, Invalid) as refusal:
        return answer_case(number, status=refusal.status, refusal=Refusal(form, str(refusal), (), request.form))
    if is_htmx(request):
        return answer_case(number, done=done)
    flash(done, "success")
    return redirect(url_for("cases.show", tenant=tenant().slug, number=number), code=303)


def _expected_owner() -> UUID | None:
    return parse_id(request.form.get("expected", ""))


def _read_wrap_up() -> WrapUp:
    form = request.form
    if form.get("message_to_customer", "").strip() and not form.get("action_taken", "").strip():
        raise Invalid(_("Write down what we did too: the message is kept and sent with it."))
    codes, is_verified = [code for code in form.getlist("cause") if code], form.get("verified") == "1"
    chosen = ",".join(f"{code}:{int(is_verified)}" for code in sorted(codes))
    # Causes that nobody has touched stay as they are, with their shares, and need no line in the timeline.
    is_changed = codes and (chosen != form.get("seen") or form.get("causes_note"))
    into = form.get("into", "").strip().removeprefix("#")
    return WrapUp(
        outcome=form.get("outcome", ""),
        note=form.get("note", ""),
        into=int(into) if into.isascii() and into.isdigit() and len(into) < 10 else None,
        action_taken=form.get("action_taken", ""),
        message_to_customer=form.get("message_to_customer", ""),
        causes=[RootCause(code, None, is_verified) for code in codes] if is_changed else None,
        causes_note=form.get("causes_note", ""),
    )
