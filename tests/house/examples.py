"""How each route is called, by endpoint: an example for every one of them, or the suite fails (test_routes.py).

"{name}" stands for a thing of the world: see `names` in world.py and life.py. Name in query and body whatever the route
can be told to look at, so that another tenant's things can be put there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.house.probes import Example
from tests.house.world import logo_file

_CUSTOMER = {"identifiers": [{"type": "email", "value": "new@example.com"}], "name": "Ana"}
_DEFINITION = {
    "title": {"en": "A survey"},
    "default_locale": "en",
    "questions": [{"key": "nps", "type": "nps", "text": {"en": "How likely is it that you would recommend us?"}}],
}
_HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-18:00")
_PROVIDER = {"name": "Acme ID", "domains": "acme.example", "newcomer_role": "viewer", "client_id": "heed"}
_SETTINGS = {
    "sender_name": "Acme",
    "min_gap_days": "30",
    "annual_cap": "4",
    "quiet_ends_hour": "9",
    "quiet_starts_hour": "20",
    "settle_minutes": "10",
    "nps_detractor_max": "6",
    "csat_detractor_max": "2",
    "ces_detractor_max": "2",
    "emotion_detractor_max": "4",
    "first_contact_minutes": "1440",
    "resolution_days": "5",
    "follow_up_days": "7",
}


def _page(path: Mapping[str, str] | None = None, **more: Any) -> Example:
    """A page; without anything of the tenant in its address it is there for everybody, in their own tenant."""
    return Example(path or {}, **{"foreign": 404 if path else 200, **more})


def _form(path: Mapping[str, str] | None = None, form: Mapping[str, Any] | None = None, **more: Any) -> Example:
    """A form that is sent; the answer to a good one leads on."""
    return Example(path or {}, form=form or {}, **{"ok": 303, "foreign": 404 if path else 303, **more})


def _json(path: Mapping[str, str] | None = None, json: Any = None, **more: Any) -> Example:
    """A body that a machine sends."""
    return Example(path or {}, json=json, by="machine", **more)


def _read(path: Mapping[str, str] | None = None, **more: Any) -> Example:
    """What a machine reads."""
    return Example(path or {}, by="machine", **{"foreign": 404 if path else 200, **more})


_PEOPLE: dict[str, Example] = {
    "tenants.start": Example(ok=302, foreign=302),
    "tenants.choose": _page(),
    "accounts.sign_in": Example(ok=302, foreign=302, query={"next": "/t/{slug}/"}),
    "accounts.sign_in_submit": Example(form={"email": "{email}", "password": "no"}, ok=422, foreign=422),
    "accounts.second_step": Example(ok=303, foreign=303, query={"next": "/t/{slug}/"}),
    "accounts.second_step_submit": Example(form={"code": "123456"}, ok=303, foreign=303),
    "accounts.passkey_challenge": _page(form={}),
    "accounts.passkey_sign_in": Example(form={"credential": "{}"}, ok=422, foreign=422),
    "accounts.sign_out": Example(form={}, ok=303, foreign=303),
    "accounts.reset": _page(),
    "accounts.ask_reset": _form(form={"email": "{email}"}),
    "accounts.reset_sent": _page(),
    "accounts.new_password": _page({"link": "no-link"}, ok=404),
    "accounts.set_new_password": Example({"link": "no-link"}, form={"wanted": "long enough for it"}, ok=404),
    "accounts.ask_new_email": _form(form={"email": "another@example.com"}),
    "accounts.new_email": _page({"link": "no-link"}, ok=404),
    "accounts.confirm_new_email": Example({"link": "no-link"}, form={}, ok=404),
    "accounts.verify": _page(query={"next": "/t/{slug}/"}),
    "accounts.verify_submit": Example(form={"password": "no"}, ok=422, foreign=422),
    "accounts.verify_with_passkey": Example(form={"credential": "{}"}, ok=422, foreign=422),
    "accounts.stronger": _page(query={"rule": "passkey", "next": "/t/{slug}/"}),
    "accounts.you": _page(),
    "accounts.set_name": _form(form={"name": "Ana"}),
    "accounts.password": _page(),
    "accounts.change_password": Example(form={"present": "no", "wanted": "long enough for it"}, ok=422, foreign=422),
    "accounts.two_steps": _page(),
    "accounts.app_setup": _page(),
    "accounts.app_set_up": _form(form={"code": "123456"}),
    "accounts.app_removal": _form(),
    "accounts.renew_codes": Example(form={}, ok=409, foreign=409),
    "accounts.passkeys": _page(),
    "accounts.new_passkey_challenge": _page(form={}),
    "accounts.add_passkey": Example(form={"name": "Laptop", "credential": "{}"}, ok=422, foreign=422),
    "accounts.remove_passkey": Example({"passkey_id": "{user}"}, form={}, foreign=404, ok=404),
    "accounts.sessions": _page(),
    "accounts.end_session": _form({"session_id": "no-such-session"}, foreign=303),
    "accounts.end_other_sessions": _form(),
    "tenants.language": Example(form={"locale": "en", "next": "/t/{slug}/"}, ok=303, foreign=303),
    "joining.sign_up": _page(),
    "joining.ask": Example(
        form={"email": "new@example.com", "organisation": "Acme", "locale": "en", "timezone": "UTC"},
        ok=303,
        foreign=303,
    ),
    "joining.sent": _page(),
    # What a link leads to belongs to no tenant; the pages behind a good one are in test_every_page.py.
    "joining.finish": _page({"link": "no-link"}, ok=404),
    "joining.finish_submit": Example({"link": "no-link"}, form={"slug": "acme"}, ok=404),
    "desk.start": _page(),
    "desk.steps": _page(),
    "desk.code": Example(ok=404),
    "desk.begin": _form(form={"occasion": "delivery", "name": "Delivery", "team": "Care"}),
    "desk.send_to_me": _form(foreign=409),
    "example.enter": _form(),
    # Here all is real; the pages of an example are in tests/tenants/test_examples.py.
    "example.progress": Example(ok=404),
    "example.removal": Example(ok=404),
    "example.remove": Example(form={}, ok=404, foreign=404),
    "sign_in_rule.index": _page(),
    "sign_in_rule.save": _form(form={"rule": "any"}),
    "settings.index": _page(),
    "settings.save": _form(form=_SETTINGS),
    "team.index": _page(),
    "team.invite": _form(form={"email": "new@example.com", "role": "viewer"}),
    "team.send_again": _form({"invite_id": "{invite}"}),
    "team.withdraw": _form({"invite_id": "{spare_invite}"}),
    "team.person": _page({"user_id": "{user}"}),
    "team.change_role": _form({"user_id": "{user}"}, form={"role": "viewer"}),
    "team.narrow": _form({"user_id": "{user}"}, form={"departments": ["{department_id}"]}),
    "team.remove": _form({"user_id": "{user}"}),
    "join.offer": Example({"token": "{join_token}"}, by="customer"),
    "join.accept": Example({"token": "{join_token}"}, form={"name": "Nia", "password": "short"}, by="customer", ok=422),
    "identity.index": _page(),
    "identity.add": Example(
        # What cannot be reached is not taken; the way to one that answers is in test_providers.py.
        form={**_PROVIDER, "issuer": "https://localhost"},
        ok=422,
        foreign=422,
    ),
    "identity.show": _page({"provider_id": "{provider}"}),
    "identity.save": _form({"provider_id": "{provider}"}, form=_PROVIDER),
    "identity.test": _form({"provider_id": "{provider}"}),
    "identity.remove": _form({"provider_id": "{spare_provider}"}),
    "identity.unlink": _form({"provider_id": "{provider}", "identity_id": "{identity}"}),
    "providers.choose": Example({"token": "{providers_token}"}, query={"next": "/t/{slug}/"}, by="customer"),
    "providers.leave": Example({"token": "{providers_token}", "provider_id": "{provider}"}, by="customer", ok=303),
    "providers.back": Example({"token": "{back_token}"}, query={"code": "c", "state": "s"}, by="customer", ok=422),
    "providers.change": Example({"token": "{providers_token}"}, form={}, by="customer", ok=422),
    "providers.pass_by": Example({"token": "{providers_token}"}, form={}, by="customer", ok=403),
    "keys.index": _page(),
    "keys.create": _form(form={"name": "A key", "scopes": ["read"], "days": "90"}, ok=201, foreign=201),
    "keys.rotate": _form({"key_id": "{api_key_id}"}, ok=201),
    "keys.end_old": _form({"key_id": "{api_key_id}"}),
    "keys.revoke": _form({"key_id": "{api_key_id}"}),
    "audit.index": _page(
        query={"q": "{email}", "who": "{user}", "what": "case", "type": "case", "id": "{case}", "from": "2020-01-01"}
    ),
    "audit.take_out": _form(form={"form": "csv", "who": "{user}"}, ok=200, foreign=200),
    "data.index": _page(),
    "data.progress": _page(),
    "data.take": Example({"export_id": "{export}"}, form={}),
    "data.cancel": _form({"export_id": "{export}"}),
    "data.ask": _form(),
    "keeping.index": _page(),
    "keeping.save": _form(form={"invitation": "13", "response": "24", "case": "36", "act": "save"}),
    "departing.index": _page(),
    "departing.ask": _form(form={"slug": "{slug}"}, foreign=422),
    "departing.keep": _form(),
    "proofs.proof": _page({"link": "no-link"}, ok=404),
    "logo.index": _page(),
    "logo.show": Example({"token": "{logo_token}", "digest": "{logo_digest}"}, by="customer"),
    "logo.save": _form(form={"logo": (logo_file(), "logo.png")}),
    "logo.remove": _form(),
    "calendar.index": _page(),
    "calendar.save": _form(form={"timezone": "Asia/Shanghai", "holidays": "2026-10-01", **_HOURS}),
}

_TARGET = {
    "target": "40",
    "floor": "0",
    "weight": "0.5",
    "min_n": "30",
    "first_month": "2026-01",
    "agreed_by": "Mei Lin",
    "agreed_on": "2026-01-05",
    "method": "Last year, and what two more vans bring.",
}

_JOURNEYS: dict[str, Example] = {
    "journeys.index": _page(query={"add": "1"}),
    "journeys.add_journey": _form(form={"name": "Returns", "stages": "One\nTwo", "key": "new-journey"}),
    "journeys.edit_journey": _page({"key": "{journey}"}),
    "journeys.save_journey": _form(
        {"key": "{journey}"}, {"name": "Purchase", "name.{stage}": "After", "position.{stage}": "1"}
    ),
    "journeys.move_journey": _form({"key": "{journey}"}, {"direction": "earlier"}),
    "journeys.remove_journey": _form({"key": "{empty_journey}"}),
    "journeys.new_touchpoint": _page({"key": "{journey}"}, query={"stage": "{stage}"}),
    "journeys.add_touchpoint": _form(
        {"key": "{journey}"},
        {"name": "New", "stage": "{journey}/{stage}", "channel": "phone", "owner": "p:{partner}", "key": "new-place"},
    ),
    "journeys.departments": _page(query={"add": "1"}),
    "journeys.add_department": _form(form={"name": "Logistics", "layer": "support", "key": "new-department"}),
    "journeys.edit_department": _page({"key": "{department}"}),
    "journeys.save_department": _form({"key": "{department}"}, {"name": "Care", "layer": "support"}),
    "journeys.touchpoints": _page(query={"owner": "nobody"}),
    "journeys.touchpoint": _page({"key": "{touchpoint}"}),
    "journeys.edit_touchpoint": _page({"key": "{touchpoint}"}),
    "journeys.save_touchpoint": _form(
        {"key": "{call}"},
        {"name": "Call", "stage": "{journey}/{stage}", "channel": "phone", "owner": "d:{department}"},
    ),
    "journeys.move_touchpoint": _form({"key": "{touchpoint}"}, {"direction": "later"}),
    "partners.index": _page(query={"add": "1"}),
    "partners.add": _form(form={"name": "Swift", "key": "new-partner"}),
    "partners.show": _page({"key": "{partner}"}),
    "partners.edit": _page({"key": "{partner}"}),
    "partners.add_person": _form({"key": "{partner}"}, {"email": "newcomer@example.com"}),
    "partners.remove_person": _form({"key": "{partner}", "user_id": "{partner_user}"}),
    "partners.save": _form({"key": "{rival}"}, {"name": "Rival"}),
    "partners.new_target": _page({"key": "{partner}"}),
    "partners.add_target": _form({"key": "{partner}"}, {**_TARGET, "measure": "late", "target": "3", "floor": "15"}),
    "partners.edit_target": _page({"key": "{partner}", "target_id": "{target}"}),
    "partners.save_target": _form({"key": "{partner}", "target_id": "{target}"}, _TARGET),
    "partners.end_target": _form({"key": "{partner}", "target_id": "{target}"}, {"last_month": "2026-12"}),
}

_DRAFT = {"key": "{draft}"}
_AT = {"based_on": "{draft_moment}"}
_QUESTION = {"key": "{draft}", "question": "{question}"}

_SURVEYS: dict[str, Example] = {
    "surveys.index": _page(query={"add": "1"}),
    "surveys.add": _form(form={"name": "New", "starter": "nps", "key": "new-survey"}),
    "surveys.survey": _page({"key": "{survey}"}),
    "surveys.save_survey": _form(
        _DRAFT, {**_AT, "name": "Plan", "title.en": "Plan", "default_locale": "en", "kind": "transactional"}
    ),
    "surveys.question": _page({"key": "{survey}", "question": "{question}"}),
    "surveys.save_question": _form(_QUESTION, {**_AT, "key": "why", "text.en": "Why?"}),
    "surveys.add_question": _form(_DRAFT, {**_AT, "type": "text"}),
    "surveys.move_question": _form(_QUESTION, {**_AT, "direction": "later"}),
    "surveys.add_language": _form(_DRAFT, {**_AT, "locale": "zh-Hans"}),
    "surveys.remove_language": _form(_DRAFT, {**_AT, "locale": "zh-Hans"}),
    "surveys.remove_question": _form(_QUESTION, _AT),
    "surveys.preview": _page({"key": "{survey}"}, query={"heed.version": "{version}"}),
    "surveys.preview_page": _page({"key": "{survey}"}, query={"heed.version": "{version}", "nps": "3"}),
    "surveys.publication": _page({"key": "{survey}"}),
    "surveys.publish": _form(_DRAFT, {"override": "A reason"}),
    "surveys.close": _form({"key": "{closing}"}),
    "surveys.reopen": _form({"key": "{closed}"}),
    "surveys.versions": _page({"key": "{survey}"}),
}

_AT_WIDGET = {"key": "{open_survey}", "widget_id": "{widget}"}
_WIDGET = {
    "name": "On the shop",
    "kind": "popover",
    "sites": "https://shop.example",
    "touchpoint": "{touchpoint}",
    "paths": "/checkout/*",
    "delay_seconds": "5",
    "scroll_percent": "0",
    "sample_percent": "100",
    "again_after_days": "",
    "is_active": "y",
}

_ANSWERS: dict[str, Example] = {
    "answering.survey": Example({"token": "{token}"}, query={"score": "3"}, by="customer"),
    "answering.answer": Example({"token": "{token}"}, form={"nps": "3", "why": "Late"}, ok=303, by="customer"),
    "answering.thanks": Example({"token": "{spare_token}"}, ok=303, by="customer"),
    "open_link.survey": Example({"survey": "{open_survey}"}, by="customer"),
    "open_link.answer": Example({"survey": "{open_survey}"}, form={"nps": "9"}, ok=303, by="customer"),
    "open_link.thanks": Example({"survey": "{open_survey}"}, by="customer"),
    "widget.script": Example({"token": "{widget_token}"}, query={"lang": "en"}, by="customer"),
    "widget.answer": Example(
        {"token": "{widget_token}"},
        json={"key": "made-by-the-page", "answers": {"nps": 3}, "complete": True, "revision": 1},
        headers={"Origin": "https://shop.example"},
        ok=201,
        by="customer",
    ),
    "share.index": _page({"key": "{open_survey}"}),
    "share.qr_svg": _page({"key": "{open_survey}"}, query={"download": "1"}),
    "share.qr_png": _page({"key": "{open_survey}"}, query={"download": "1"}),
    "share.print_page": _page({"key": "{open_survey}"}, query={"size": "a4", "lang": "en"}),
    "widgets.add": _page({"key": "{open_survey}"}),
    "widgets.create": _form({"key": "{open_survey}"}, _WIDGET),
    "widgets.show": _page(_AT_WIDGET),
    "widgets.save": _form(_AT_WIDGET, _WIDGET),
    "widgets.trial": _page(_AT_WIDGET, query={"lang": "en"}),
    "widgets.trial_script": _page(_AT_WIDGET, query={"lang": "en"}),
    "answering_desk.index": _page(
        query={"survey": "{survey}", "touchpoint": "{touchpoint}", "partner": "{partner}", "band": "low"}
    ),
    "answering_desk.detail": _page({"response_id": "{response}"}),
    "answering_desk.release": _form({"response_id": "{parked_response}"}),
}

_RULE = {
    "survey": "{open_survey}",
    "touchpoints": ["{touchpoint}", "{call}"],
    "channel": "email",
    "delay": "2",
    "unit": "hours",
    "sample_percent": "100",
    "expires_after_days": "14",
    "quiet_hours": "y",
    "is_active": "y",
}

_OUTREACH: dict[str, Example] = {
    "outreach.index": _page(),
    "outreach.add": _page(),
    "outreach.create": _form(form={"key": "new-rule", **_RULE}, foreign=422),
    "outreach.rule": _page({"key": "{rule}"}),
    "outreach.save": _form({"key": "{rule}"}, _RULE),
    "unsubscribe.look": Example({"token": "{unsubscribe_token}"}, by="customer"),
    "unsubscribe.stop": Example({"token": "{unsubscribe_token}"}, form={}, by="customer"),
}

_AT_CASE = {"number": "{case}"}

_CASES: dict[str, Example] = {
    "absences.index": _page(),
    "absences.save": _form(form={"first": "{tomorrow}", "last": "", "deputy": "{lead}"}, foreign=422),
    "absences.come_back": _form({"absence_id": "{absence}"}),
    "cases.inbox": _page(query={"show": "all", "q": "{email}"}),
    "cases.rows": _page(query={"show": "all"}),
    "cases.show": _page(_AT_CASE),
    "cases.assign": _form({"number": "{new_case}"}, {"user": "{owner}"}),
    "cases.contact": _form(_AT_CASE, {"channel": "phone", "outcome": "reached", "text": "Sorry"}),
    "cases.note": _form(_AT_CASE, {"text": "A note"}),
    "cases.wait": _form(_AT_CASE, {"for": "partner", "reason": "Their van"}),
    "cases.resume": _form(_AT_CASE),
    "cases.ask": _form(_AT_CASE, {"question": "Which van was it?", "business_days": "2"}),
    "cases.withdraw": _form({"number": "{waiting_case}", "question_id": "{second_question}"}),
    "cases.severity": _form(_AT_CASE, {"severity": "2", "reason": "Twice"}),
    "cases.wrap_up": _form(
        {"number": "{resolved_case}"},
        {"act": "close", "outcome": "merged", "note": "The same", "into": "{waiting_case}", "cause": ["process"]},
    ),
    "cases.reopen": _form({"number": "{closed_case}"}, {"because": "Too soon"}),
}

_CUSTOMERS_CASE: dict[str, Example] = {
    "customer_case.show": Example({"token": "{case_token}"}, query={"lang": "en"}, by="customer"),
    "customer_case.say": Example(
        {"token": "{case_token}"}, form={"act": "not_solved", "words": "Again"}, ok=303, by="customer"
    ),
}

_DESK: dict[str, Example] = {
    "desk.home": _page(),
    "desk.find": _page(query={"q": "A-CANARY"}),
    "customers.index": _page(query={"q": "{email}"}),
    "customers.show": _page({"customer_id": "{customer}"}),
    "customers.edit": _page({"customer_id": "{customer}"}),
    "customers.correct": _form(
        {"customer_id": "{customer}"}, {"name": "Ana", "locale": "en", "timezone": "Asia/Tokyo"}
    ),
    "customers.suppress": _form({"customer_id": "{customer}"}),
    "customers.lift_suppression": _form({"customer_id": "{suppressed_customer}"}),
    "figures.index": _page(query={"metric": "nps", "by": "partner"}),
    "scorecards.show": _page({"key": "{partner}"}),
    "scorecards.own": _page(by="pat", foreign=403),
    "reports.partner": _page({"key": "{partner}"}),
    "reports.own": _page(by="pat", foreign=403, query={"period": "{closed_month}"}),
    "portal.home": _page(by="pat", foreign=403),
    "portal.cases": _page(by="pat", foreign=403, query={"show": "open"}),
    "portal.case": Example({"number": "{new_case}"}, by="pat", foreign=403),
    "portal.answer": _form(
        {"number": "{new_case}"}, {"question": "{open_question}", "text": "The van broke down"}, by="pat", foreign=403
    ),
    "portal.add_fact": _form({"number": "{new_case}"}, {"text": "It has been mended"}, by="pat", foreign=403),
    "portal.people": _page(by="pat", foreign=403),
}

# The guide is there in the demo tenant alone: to everybody else its addresses are unknown (tests/demo walks there).
_GUIDE: dict[str, Example] = {
    "guide.steps": Example(ok=404),
    "guide.ask": Example(form={}, ok=404),
    "guide.card": Example(form={}, ok=404),
    "guide.put_away": Example(form={}, ok=404),
}

_MACHINES: dict[str, Example] = {
    "api_meta.document": _read(),
    "api_surveys.survey_schema": _read(),
    "api_departments.list_departments": _read(),
    "api_departments.put_department": _json({"key": "{department}"}, {"name": "Care", "layer": "support"}, foreign=201),
    "api_departments.get_department": _read({"key": "{department}"}),
    "api_partners.list_partners": _read(),
    "api_partners.put_partner": _json({"key": "{partner}"}, {"name": "Swift"}, foreign=201),
    "api_partners.get_partner": _read({"key": "{partner}"}),
    "api_targets.get_targets": _read({"key": "{partner}"}),
    "api_targets.put_targets": _json(
        {"key": "{partner}"},
        {"targets": [{**_TARGET, "measure": "nps", "target": 40.0, "floor": 0.0, "weight": 0.5, "min_n": 30}]},
    ),
    "api_scorecards.get_scorecard": _read({"key": "{partner}"}),
    "api_touchpoints.list_touchpoints": _read(),
    "api_touchpoints.put_touchpoint": _json(
        {"key": "{touchpoint}"},
        {"name": "New", "journey": "{journey}", "stage": "{stage}", "channel": "phone", "partner": "{partner}"},
        foreign=422,
    ),
    "api_touchpoints.get_touchpoint": _read({"key": "{touchpoint}"}),
    "api_surveys.list_surveys": _read(),
    "api_surveys.put_survey": _json(
        {"key": "{spare_draft}"}, {"name": "New", "kind": "transactional", "definition": _DEFINITION}, foreign=201
    ),
    "api_surveys.get_survey": _read({"key": "{survey}"}),
    "api_surveys.publish_survey": _json({"key": "{survey}"}, {"override": "A reason"}, ok=201),
    "api_surveys.close_survey": _json({"key": "{closing_too}"}, {}, ok=201),
    "api_surveys.delete_closure": _json({"key": "{closed_too}"}, ok=204),
    "api_surveys.list_versions": _read({"key": "{survey}"}),
    "api_surveys.get_version": _read({"key": "{survey}", "number": "{version}"}),
    "api_responses.list_responses": _read(
        query={"survey": "{survey}", "touchpoint": "{touchpoint}", "partner": "{partner}"}
    ),
    "api_responses.get_response": _read({"id": "{response}"}),
    "api_responses.post_response": _json(
        json={"survey": "{survey}", "touchpoint": "{touchpoint}", "interaction": "{interaction}",
              "partner": "{partner}", "answers": {"nps": 9}},
        ok=201,
        foreign=422,
    ),
    "api_responses.post_responses": _json(
        json={"responses": [{"survey": "{survey}", "touchpoint": "{touchpoint}", "answers": {"nps": 9}}]}, foreign=200
    ),
    "api_audit.list_audit": _read(query={"q": "{email}", "actor": "{user}", "subject_id": "{case}"}),
    "api_figures.get_figures": _read(
        {"metric": "nps"},
        query={"by": "partner", "touchpoint": "{touchpoint}", "partner": "{partner}", "survey": "{survey}"},
        foreign=422,
    ),
}  # fmt: skip

_CASE = {"number": "{case}"}
_CAUSES = [{"code": "process", "share": 1.0, "verified": True}]

_CASES_OF_MACHINES: dict[str, Example] = {
    "api_cases.list_cases": _read(query={"owner": "{email}", "touchpoint": "{touchpoint}", "partner": "{partner}"}),
    "api_cases.get_case": _read(_CASE),
    "api_cases.list_case_events": _read(_CASE),
    "api_cases.post_note": _json(_CASE, {"note": "A note"}, ok=201),
    "api_cases.put_assignment": _json(_CASE, {"user": "{email}"}),
    "api_cases.post_first_contact": _json(_CASE, {"channel": "phone", "outcome": "reached", "note": "Sorry"}, ok=201),
    "api_cases.put_root_causes": _json(_CASE, {"root_causes": _CAUSES, "note": "Why"}),
    "api_cases.post_resolution": _json(_CASE, {"action_taken": "Sent anew", "message_to_customer": "Sorry"}, ok=201),
    "api_cases.post_closure": _json(
        {"number": "{other_case}"}, {"outcome": "merged", "note": "The same", "into": "{waiting_case}"}, ok=201
    ),
    "api_cases.delete_closure": _json({"number": "{other_case}"}, ok=204),
    "api_cases.post_waiting": _json({"number": "{new_case}"}, {"for": "internal", "reason": "The depot"}, ok=201),
    "api_cases.delete_waiting": _json({"number": "{new_case}"}, ok=204),
    "api_cases.post_partner_question": _json(
        {"number": "{other_case}"}, {"question": "Which van was it?", "business_days": 3}, ok=201
    ),
    "api_cases.delete_partner_question": _json({"number": "{waiting_case}", "id": "{second_question}"}, ok=204),
}

_INTERACTION = {"id": "order-1", "occurred_at": "2026-01-12T14:05:00+08:00", "customer": _CUSTOMER}
_RULE_OF_MACHINES = {"touchpoints": ["{touchpoint}"], "survey": "{survey}", "channel": "email"}

_OUTREACH_OF_MACHINES: dict[str, Example] = {
    "api_customers.post_customer": _json(json=_CUSTOMER, ok=201, foreign=201),
    "api_interactions.list_interactions": _read(
        query={"touchpoint": "{touchpoint}", "partner": "{partner}", "customer": "{customer}"}
    ),
    "api_interactions.get_interaction": _read({"id": "{interaction}"}),
    "api_interactions.post_interaction": _json(
        json={"touchpoint": "{touchpoint}", "partner": "{partner}", **_INTERACTION}, ok=202, foreign=422
    ),
    "api_interactions.post_interactions": _json(
        json={"interactions": [{"touchpoint": "{touchpoint}", "partner": "{partner}", **_INTERACTION}]}, foreign=200
    ),
    "api_invitations.get_invitation": _read({"id": "{invitation}"}),
    "api_outreach_rules.list_rules": _read(),
    "api_outreach_rules.get_rule": _read({"key": "{rule}"}),
    "api_outreach_rules.put_rule": _json({"key": "{rule}"}, _RULE_OF_MACHINES, foreign=422),
}

_OPERATORS: dict[str, Example] = {
    "health.live": Example(foreign=200),
    "health.ready": Example(foreign=200),
    "metrics.metrics": Example(foreign=200),
    "devmail.index": Example(foreign=200),
    "devmail.show": Example({"name": "nothing"}, ok=404),
    "devmail.html": Example({"name": "nothing"}, ok=404),
}

_HOOK = {"key": "{webhook}"}
_SENT = {"key": "{webhook}", "delivery_id": "{webhook_delivery}"}
_SENT_TOO = {"key": "{webhook}", "id": "{other_webhook_delivery}"}
_HOOK_FORM = {"url": "https://example.com/hook", "events": ["case.opened"]}

_WEBHOOKS: dict[str, Example] = {
    "webhooks.index": _page(),
    "webhooks.new": _page(),
    "webhooks.add": _form(form={"key": "crm", **_HOOK_FORM}, ok=201, foreign=201),
    "webhooks.show": _page(_HOOK),
    "webhooks.delivery": _page(_SENT),
    "webhooks.outcome": _page(_SENT),
    "webhooks.replay": _form(_SENT),
    "webhooks.test": _form(_HOOK),
    "webhooks.rotate": _form(_HOOK, ok=201),
    "webhooks.discard": _form({"key": "{spare_webhook}"}),
    "webhooks.remove": _form({"key": "{spare_webhook}"}),
    "api_webhooks.list_webhooks": _read(),
    "api_webhooks.get_webhook": _read(_HOOK),
    "api_webhooks.put_webhook": _json(
        _HOOK, {"url": "https://example.com/hook", "events": ["case.opened"], "active": True}, foreign=201
    ),
    "api_webhooks.post_secret": _json(_HOOK, {}, ok=201),
    "api_webhooks.post_test": _json(_HOOK, {}, ok=201),
    "api_webhooks.list_deliveries": _read(_HOOK, query={"state": "dead"}),
    "api_webhooks.get_delivery": _read(_SENT_TOO),
    "api_webhooks.post_replay": _json(_SENT_TOO, {}, ok=201),
    "api_webhooks.post_replays": _json(_HOOK, {}, ok=201),
    "webhooks.replay_dead": _form(_HOOK),
    # Last, because it switches off what the others need.
    "webhooks.save": _form(_HOOK, _HOOK_FORM),
    "api_webhooks.delete_webhook": _json(_HOOK, ok=204),
}

EXAMPLES: dict[str, Example] = {
    **_PEOPLE,
    **_JOURNEYS,
    **_SURVEYS,
    **_ANSWERS,
    **_OUTREACH,
    **_CASES,
    **_CUSTOMERS_CASE,
    **_DESK,
    **_GUIDE,
    **_MACHINES,
    **_CASES_OF_MACHINES,
    **_OUTREACH_OF_MACHINES,
    **_WEBHOOKS,
    **_OPERATORS,
}
