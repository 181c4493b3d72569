"""The team: who works here and as what, who is invited, and what becomes of the work of those who leave."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel import clock
from app.kernel.errors import Conflict, NotFound
from app.tenants import narrowing
from app.tenants import queries as tenants
from app.tenants import service as members
from app.tenants.access import fresh, member, permission, safe_next, tenant
from app.tenants.joining import queries, service
from app.tenants.joining.forms import (
    INVITE_SENTENCES,
    PLACES_SENTENCES,
    REMOVAL_SENTENCES,
    InviteForm,
    PlacesForm,
    RemovalForm,
    RoleForm,
)
from app.tenants.joining.limits import few_letters
from app.tenants.joining.service import Inviter
from app.tenants.row_scopes import list_groups
from app.tenants.rules import NARROWED_ROLES, STAFF_ROLES, WORKING_ROLES, may_grant
from app.tenants.words import sight_words
from app.web.forms import carried_out, errors_of

bp = Blueprint("team", __name__, template_folder="templates", url_prefix="/t/<tenant>/settings/team")


@bp.get("")
@permission("settings.edit")
def index() -> str:
    """Who works here, and who is invited."""
    return _team(InviteForm(formdata=None))


@bp.post("/invites")
@few_letters
@permission("settings.edit")
@fresh
def invite() -> tuple[str, int] | Response:
    """Invite somebody."""
    form = InviteForm()

    def send() -> None:
        service.invite_person(inviter(), form.email.data, form.role.data, language(), rows=form.rows())

    try:
        is_sent = form.validate() and carried_out(form, send, INVITE_SENTENCES)
    except Conflict as full:
        is_sent, form.email.errors = False, [str(full)]
    if not is_sent:
        return _team(form), 422
    flash(_("An invitation is on its way to %(email)s.", email=form.email.data))
    return _back()


@bp.post("/invites/<uuid:invite_id>/letter")
@few_letters
@permission("settings.edit")
def send_again(invite_id: UUID) -> Response:
    """Send the letter of an invitation once more."""
    try:
        service.send_invite_again(inviter(), invite_id)
    except Conflict as full:
        flash(str(full), "warning")
    else:
        flash(_("The invitation is on its way once more; it holds for another seven days."))
    return _back()


@bp.post("/invites/<uuid:invite_id>/withdrawal")
@permission("settings.edit")
def withdraw(invite_id: UUID) -> Response:
    """Take an invitation back."""
    service.withdraw_invite(invite_id)
    flash(_("Taken back. The link in the letter leads nowhere now."))
    return _back()


@bp.get("/<uuid:user_id>")
@permission("settings.edit")
def person(user_id: UUID) -> str:
    """One member: their role, and how they leave."""
    return _person(user_id, RoleForm(formdata=None))


@bp.post("/<uuid:user_id>/role")
@permission("settings.edit")
@fresh
def change_role(user_id: UUID) -> tuple[str, int] | Response:
    """Give a member another role; one's own stays, so that nobody locks themselves out."""
    form = RoleForm()
    if user_id == member().user_id or not form.validate():
        return _person(user_id, form), 422
    try:
        members.change_role(user_id, form.role.data, member().role, with_keys=form.with_keys.data)
    except Conflict:
        form.role.errors = [_("Somebody has to remain an admin.")]
        return _person(user_id, form), 422
    flash(_("Changed. It counts from the next page they open."))
    return _back()


@bp.post("/<uuid:user_id>/sight")
@permission("settings.edit")
def narrow(user_id: UUID) -> tuple[str, int] | Response:
    """Say what a member sees; when some of their open cases go to others by that, it is shown before."""
    form, outside = PlacesForm(), 0

    def act() -> None:
        nonlocal outside
        outside = narrowing.cases_left(user_id, form.rows())
        if outside in (0, form.agreed.data):
            outside = 0
            narrowing.narrow_member(user_id, form.rows(), member().role, member().rows)

    if not carried_out(form, act, PLACES_SENTENCES) or outside:
        return _person(user_id, RoleForm(formdata=None), form, outside), 422
    flash(_("Changed. It counts from the next page they open."))
    return _back()


@bp.post("/<uuid:user_id>/removal")
@permission("settings.edit")
@fresh
def remove(user_id: UUID) -> tuple[str, int] | Response:
    """End a person's membership; oneself cannot be removed, so that an admin always remains."""
    form = RemovalForm()
    if user_id == member().user_id:
        flash(_("You cannot remove yourself."), "warning")
        return _back()
    try:
        is_done = carried_out(form, lambda: _end(user_id, form), REMOVAL_SENTENCES)
    except Conflict:
        is_done, form.heir.errors = False, [_("Somebody has to remain an admin.")]
    if not is_done:
        return _person(user_id, RoleForm(formdata=None), leaving=form), 422
    flash(_("Removed. The next page they open asks them to sign in elsewhere."))
    return _back()


def _end(user_id: UUID, form: RemovalForm) -> None:
    members.end_membership(user_id, form.heir_id(), with_keys=form.with_keys.data)


def inviter() -> Inviter:
    """Whoever is signed in, as one who invites."""
    return Inviter(member().user_id, member().role, member().rows)


def language() -> str:
    """The language of this page, for the letter."""
    return str(get_locale() or "en").replace("_", "-")


def _team(form: InviteForm) -> str:
    grantable = [role for role in STAFF_ROLES if may_grant(member().role, role)]
    return render_template(
        "joining/team.html",
        form=form,
        errors=errors_of(form),
        members=tenants.list_members(roles=STAFF_ROLES),
        invites=queries.list_invites(),
        now=clock.now(),
        roles=grantable,
        groups=list_groups(),
        sight_words=sight_words,
    )


def _person(
    user_id: UUID,
    form: RoleForm,
    places: PlacesForm | None = None,
    outside: int = 0,
    leaving: RemovalForm | None = None,
) -> str:
    found = {user.id: (row, user) for row, user in tenants.list_members(roles=STAFF_ROLES)}
    if user_id not in found:
        raise NotFound()
    membership, user = found[user_id]
    heirs = [other for row, other in found.values() if row.role in WORKING_ROLES and other.id != user_id]
    chosen = {str(each) for each in (*membership.department_ids, *membership.touchpoint_ids)}
    return render_template(
        "joining/person.html",
        form=form,
        errors=errors_of(form),
        membership=membership,
        user=user,
        heirs=heirs,
        leaving=leaving or RemovalForm(formdata=None),
        leaving_errors=errors_of(leaving) if leaving else [],
        groups=list_groups(),
        can_be_narrowed=membership.role in NARROWED_ROLES,
        ticked=places.ticked() if places else chosen,
        places_errors=errors_of(places) if places else [],
        outside=outside,
    )


def _back() -> Response:
    there = request.form.get("next") or url_for("team.index", tenant=tenant().slug)
    return redirect(safe_next(there), code=303)
