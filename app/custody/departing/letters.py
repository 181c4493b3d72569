"""The letters of this room: a tenant is about to be deleted, is kept after all or under a hold, is deleted."""

from __future__ import annotations

from uuid import UUID

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.custody.departing import queries, rules
from app.kernel import scope, tokens
from app.tenants import queries as tenants
from app.tenants.models import Tenant
from app.tenants.sessions import language_for
from app.web.dates import day, moment
from app.web.letters import Letter, base_url


def departure_asked_letter(user_id: UUID) -> Letter | None:
    """To an admin: what is deleted when, and how it is kept; None when it was taken back or they are gone."""
    tenant, user = tenants.find_tenant(scope.tenant_id()), tenants.find_admin(user_id)
    if user is None or tenant is None or tenant.departs_at is None:
        return None
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        until = moment(tenant.departs_at, "long")
        return Letter(
            to_address=user.email,
            language=language,
            subject=_("%(tenant)s is about to be deleted", tenant=tenant.name),
            paragraphs=(
                _who_asked(tenant),
                _(
                    "Until %(moment)s (UTC) everything works as ever, and every administrator can keep it.",
                    moment=until,
                ),
                _("After that nothing can be brought back. Take an export with you before."),
            ),
            button=(_("Look at it, or keep it"), _page(tenant)),
            small=(_("You get this because you are an administrator there."),),
        )


def _who_asked(tenant: Tenant) -> str:
    departure = queries.find_running(tenant.id)
    user = tenants.find_user(departure.asked_by) if departure is not None and departure.asked_by else None
    if user is None:
        return _("Whoever runs Heed for you has asked to delete %(tenant)s with everything in it.", tenant=tenant.name)
    who = user.name or user.email
    return _("%(who)s asked Heed to delete %(tenant)s with everything in it.", who=who, tenant=tenant.name)


def departure_taken_back_letter(user_id: UUID) -> Letter | None:
    """To an admin: nothing is deleted."""
    return _kept_letter(user_id, _l("An administrator took back that %(tenant)s is deleted. Nothing changes."))


def departure_held_letter(user_id: UUID) -> Letter | None:
    """To an admin: nothing is deleted, because of a legal hold."""
    return _kept_letter(
        user_id,
        _l(
            "%(tenant)s was about to be deleted, but a legal hold is on, so it is kept. Whoever still wants it deleted"
            " can ask for it again once the hold has ended."
        ),
    )


def _kept_letter(user_id: UUID, why: LazyString) -> Letter | None:
    tenant, user = tenants.find_tenant(scope.tenant_id()), tenants.find_admin(user_id)
    if user is None or tenant is None or tenant.departs_at is not None:
        return None
    language = language_for(user.locale or tenant.default_locale)
    with force_locale(language):
        return Letter(
            to_address=user.email,
            language=language,
            subject=_("%(tenant)s is kept", tenant=tenant.name),
            paragraphs=(str(why) % {"tenant": tenant.name},),
            small=(_("You get this because you are an administrator there."),),
        )


def tenant_deleted_letter(departure_id: UUID) -> Letter | None:
    """To whoever asked for it: it is done, and here is the proof."""
    departure = queries.find_departure(departure_id)
    if departure is None or departure.ended_at is None or departure.asked_by is None:
        return None
    user = tenants.find_user(departure.asked_by)
    if user is None or not user.is_active:
        return None
    link = tokens.issue_link(rules.PROOF, departure.id, departure.ended_at + rules.PROOF_LINK, "")
    language = language_for(user.locale)
    with force_locale(language):
        days = {"asked": day(departure.asked_at, "long"), "ended": day(departure.ended_at, "long")}
        return Letter(
            to_address=user.email,
            language=language,
            subject=_("Your organisation is deleted"),
            paragraphs=(
                _("What you asked for on %(asked)s was done on %(ended)s: nothing of it is left.", **days),
                _("The proof says how many rows of each kind were removed, and what stays elsewhere and until when. It"
                  " names nobody. Keep it."),
            ),
            button=(_("Fetch the proof"), f"{base_url()}/proofs/{link}"),
            small=(_("Your own log-in is forgotten after 30 days, unless you work for another organisation."),),
        )  # fmt: skip


def _page(tenant: Tenant) -> str:
    return f"{base_url()}/t/{tenant.slug}/settings/data/"
