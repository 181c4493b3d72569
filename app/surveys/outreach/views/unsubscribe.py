"""`/u/<token>`: only the POST acts, at once, for whoever holds the link; looking at the page changes nothing.

Mail programs POST here themselves (RFC 8058), without cookies and with a body of their own, so nothing is asked back.
"""

from __future__ import annotations

from flask import g, render_template
from flask_babel import gettext as _
from flask_babel import refresh

from app.customers.queries import is_suppressed
from app.surveys.outreach import queries, service
from app.surveys.outreach.views.blueprints import unsubscribe_bp as bp
from app.tenants import queries as tenants
from app.tenants.access import by_token, tenant


@bp.get("/<token>")
@by_token("unsubscribe")
def look() -> str:
    """The page with the button; once it was pressed, what that did."""
    invitation = queries.get_invitation(g.token_object_id)
    return _page(invitation.locale, is_suppressed(invitation.customer_id))


@bp.post("/<token>")
@by_token("unsubscribe")
def stop() -> str:
    """Never ask this person again."""
    service.unsubscribe(g.token_object_id)
    return _page(queries.get_invitation(g.token_object_id).locale, is_done=True)


def _page(locale: str, is_done: bool) -> str:
    g.locale = locale
    refresh()
    brand = tenants.brand(tenant().name)
    if is_done:
        title, line = _("We do not ask you again"), _("%(name)s sends you no more surveys, at any of your addresses.")
    else:
        title, line = _("Stop asking me"), _("%(name)s will send you no more surveys, at any of your addresses.")
    return render_template(
        "outreach/unsubscribe.html",
        brand=brand,
        page_title=title,
        lines=[line % {"name": brand.name}],
        is_done=is_done,
    )
