"""How a case stands, as a partner is told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

STATUS_WORDS = {
    "new": _l("new"),
    "assigned": _l("somebody cares for it"),
    "contacted": _l("the customer was reached"),
    "investigating": _l("the cause is being looked for"),
    "waiting_customer": _l("waiting for the customer"),
    "waiting_partner": _l("waiting for you"),
    "waiting_internal": _l("waiting for another team"),
    "resolved": _l("solved, to be confirmed"),
    "closed": _l("closed"),
}
