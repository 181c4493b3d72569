"""What root causes are called on pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.loop.causes.rules import level_one

LAYERS: Mapping[str | None, LazyString] = {
    "frontstage": _l("Front stage"),
    "backstage": _l("Back office"),
    "partner": _l("Partner"),
    "external": _l("Outside our reach"),
    None: _l("Not known"),
}

CAUSES: Mapping[str, LazyString] = {
    "it_system": _l("IT system"),
    "it_system.outage": _l("Outage"),
    "it_system.slow": _l("Too slow to use"),
    "it_system.defect": _l("Defect"),
    "it_system.wrong_data": _l("Wrong data"),
    "it_system.missing_function": _l("Missing function"),
    "knowledge": _l("Knowledge"),
    "knowledge.missing": _l("Not written down"),
    "knowledge.outdated": _l("Out of date"),
    "knowledge.wrong": _l("Wrong answers given"),
    "knowledge.hard_to_find": _l("Hard to find"),
    "design": _l("Product or service design"),
    "design.product": _l("Product itself"),
    "design.service": _l("Service itself"),
    "design.pricing": _l("Price or fees"),
    "design.options": _l("Too few options"),
    "process": _l("Process"),
    "process.handover": _l("Handover between teams"),
    "process.delay": _l("Takes too long"),
    "process.too_many_steps": _l("Too many steps"),
    "process.no_owner": _l("Nobody in charge"),
    "process.exception": _l("Exception not provided for"),
    "policy": _l("Policy or rules"),
    "policy.too_strict": _l("Too strict"),
    "policy.unclear": _l("Hard to interpret"),
    "policy.no_discretion": _l("No room to decide"),
    "policy.regulation": _l("Law or regulation"),
    "staffing": _l("Staffing and training"),
    "staffing.too_few": _l("Too few people"),
    "staffing.training": _l("Not trained for it"),
    "staffing.scheduling": _l("Wrong hours"),
    "staffing.turnover": _l("People change too often"),
    "incentive": _l("Incentives and targets"),
    "incentive.sales_target": _l("Sales target"),
    "incentive.handling_time": _l("Time target"),
    "incentive.conflicting_targets": _l("Targets in conflict"),
    "communication": _l("Communication and expectations"),
    "communication.promise": _l("Promise that could not be kept"),
    "communication.not_informed": _l("Customer not told"),
    "communication.unclear_wording": _l("Hard to understand"),
    "communication.advertising": _l("Advertising"),
    "partner": _l("Partner or supplier"),
    "partner.late": _l("Came late"),
    "partner.quality": _l("Poor quality"),
    "partner.conduct": _l("Conduct of their people"),
    "partner.information": _l("Missing or wrong information"),
    "staff_behaviour": _l("Behaviour of our people"),
    "staff_behaviour.attitude": _l("Attitude"),
    "staff_behaviour.careless": _l("Lack of care"),
    "staff_behaviour.rule_not_followed": _l("Rule not followed"),
    "facility": _l("Premises or equipment"),
    "facility.device": _l("Device or machine"),
    "facility.cleanliness": _l("Cleanliness"),
    "facility.access": _l("Hard to reach or enter"),
    "facility.capacity": _l("Not enough room"),
    "customer_error": _l("Mix-up on the customer's side"),
    "customer_error.wrong_order": _l("Wrong order"),
    "customer_error.wrong_details": _l("Wrong details"),
    "customer_error.misuse": _l("Used in another way than meant"),
    "external": _l("Outside events"),
    "external.weather": _l("Weather"),
    "external.strike": _l("Strike"),
    "external.authority": _l("Authorities"),
    "external.fraud": _l("Fraud by others"),
    "unknown": _l("Unknown"),
}


def cause_label(code: str) -> str:
    """What a cause is called: "Process" or "Process: Handover between teams".

    A detail of the tenant's own is shown as it is written. Raises KeyError for a code outside the taxonomy.
    """
    level = level_one(code)
    if code == level:
        return str(CAUSES[level])
    detail = CAUSES.get(code, code.partition(".")[2].replace("_", " "))
    return str(_("%(cause)s: %(detail)s", cause=CAUSES[level], detail=detail))
