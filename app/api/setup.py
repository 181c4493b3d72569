"""Binding the API to the application: its groups, its error shape, its document, and what runs around each request."""

from __future__ import annotations

from typing import cast

from flask import Response, current_app, jsonify, request
from flask_openapi3 import APIBlueprint, OpenAPI

from app.api import idempotency, problems, rates, requests
from app.api.base import PREFIX, blueprint
from app.extensions import csrf
from app.tenants.access import public
from app.web.errors import delegate_errors

meta = blueprint("meta", "About")


def init_app(app: OpenAPI) -> None:
    """Mount the API. Called after the guard, whose scope the body reader and the idempotency record need."""
    app.validation_error_callback = problems.refuse_request
    app.validation_error_model = problems.Problem
    app.security_schemes = {"key": {"type": "http", "scheme": "bearer"}}
    delegate_errors(app, "/api/", problems.answer)
    app.before_request(_before)
    app.after_request(_after)
    for group in groups():
        rates.limit(group)
        csrf.exempt(group)
        app.register_api(group)


def groups() -> list[APIBlueprint]:
    """The endpoint groups, in the order of the document."""
    from app.api.audit import bp as audit
    from app.api.cases import bp as cases
    from app.api.customers import bp as customers
    from app.api.departments import bp as departments
    from app.api.figures import bp as figures
    from app.api.interactions import bp as interactions
    from app.api.invitations import bp as invitations
    from app.api.outreach_rules import bp as outreach_rules
    from app.api.partners import bp as partners
    from app.api.responses import bp as responses
    from app.api.scorecards import bp as scorecards
    from app.api.surveys import bp as surveys
    from app.api.targets import bp as targets
    from app.api.touchpoints import bp as touchpoints
    from app.api.webhooks import bp as webhooks

    asking = [outreach_rules, customers, interactions, invitations]
    told = [responses, cases, figures, scorecards, webhooks, audit]
    return [meta, partners, targets, departments, touchpoints, surveys, *asking, *told]


def _before() -> Response | None:
    if not request.path.startswith(PREFIX):
        return None
    requests.read_json()
    return idempotency.begin()


def _after(response: Response) -> Response:
    return rates.tell(idempotency.finish(response)) if request.path.startswith(PREFIX) else response


@meta.get("/openapi.json", doc_ui=False)
@public
def document() -> Response:
    """This document."""
    return jsonify(cast(OpenAPI, current_app).api_doc)
