"""Heed: hear every touchpoint, close every loop. `create_app` builds the application from its settings.

Importing this package must stay cheap, because the `heed` command and the supervisor do it too: all else is imported
when an application is built.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_openapi3 import OpenAPI

    from app.config import Settings


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is made here stays as long as the process: to look through it for garbage, now or later, is lost time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@_uncollected()
def create_app(settings: Settings | None = None) -> OpenAPI:
    """The application: configuration, extensions, rooms in floor order, errors.

    Raises ConfigError for a missing or malformed setting.
    """
    from flask_openapi3 import Info

    from app.api.document import DocumentedApp
    from app.config import load_settings

    settings = settings or load_settings()
    app = DocumentedApp("app", info=Info(title="Heed API", version="1"), doc_ui=False, static_folder=None)
    app.config.update(_flask_config(settings))
    app.extensions["heed_settings"] = settings
    _init_kernel(app, settings)
    _init_extensions(app, settings)
    _init_rooms(app, settings)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "pool_size": 8,
            "max_overflow": 8,
            "pool_timeout": 2,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c statement_timeout=15000 -c lock_timeout=5000"
                " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
                " -c citus.propagate_set_commands=local",
            },
        },
        "SESSION_COOKIE_NAME": "__Host-heed" if secure else "heed",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 512 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "RATELIMIT_STORAGE_URI": _limiter_url(settings.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).parent / "web" / "translations"),
        "TESTING": settings.testing,
    }


def _limiter_url(url: str) -> str:
    # The limiter's storage names a unix socket differently from redis-py.
    return f"redis+{url}" if url.startswith("unix:") else url


def _init_kernel(app: OpenAPI, settings: Settings) -> None:
    from app import handlers, models
    from app.delivery import letters
    from app.kernel import clock, contributions, db, events, queue, sealing, signing, tokens

    assert models.ALL
    if settings.testing:
        clock.shift(settings.clock_offset_seconds)
    tokens.init(settings.secret_key)
    sealing.init(settings.secret_key)
    signing.init(settings.secret_key)
    queue.init(settings)
    db.init_app(app)
    events.wire(handlers.JOBS, handlers.NOTICES, handlers.has_listeners)
    contributions.wire(handlers.CONTRIBUTIONS)
    letters.wire(handlers.LETTERS)
    app.extensions["heed_lanes"] = handlers.LANES


def _init_extensions(app: OpenAPI, settings: Settings) -> None:
    from app.extensions import babel, csrf, limiter
    from app.tenants.sessions import select_locale, select_timezone

    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=select_locale, timezone_selector=select_timezone)


def _init_rooms(app: OpenAPI, settings: Settings) -> None:
    from app.api import setup as api
    from app.billing import views as billing
    from app.custody.departing import views as departing
    from app.demo.guide import views as guide
    from app.desk import navigation
    from app.runtime import http, peer
    from app.tenants import access, words
    from app.tenants.examples import views as examples
    from app.web import shell

    peer.init_app(app, settings.trusted_proxies)
    http.init_app(app)
    for endpoint in http.ENDPOINTS:
        access.public(app.view_functions[endpoint])
    shell.init_app(app, settings.base_url)
    access.init_app(app, settings.secret_key)
    app.context_processor(words.page_words)
    app.context_processor(navigation.frame)
    app.context_processor(guide.page_words)
    app.context_processor(billing.page_words)
    app.context_processor(departing.page_words)
    app.context_processor(examples.page_words)
    for blueprint in [*_blueprints(), *_billing(settings)]:
        app.register_blueprint(blueprint)
    api.init_app(app)


def _blueprints() -> list[Any]:
    return [*_blueprints_for_people(), *_blueprints_for_staff(), *_blueprints_for_customers()]


def _blueprints_for_people() -> list[Any]:
    """Whoever works here, or is about to."""
    from app.custody.departing.views import bp as departing
    from app.custody.departing.views import proofs
    from app.custody.keeping.views import bp as keeping
    from app.custody.views import bp as data
    from app.delivery.webhooks.views import bp as webhooks
    from app.portal.views import bp as portal
    from app.tenants.accounts.views import bp as accounts
    from app.tenants.examples.views import bp as example
    from app.tenants.joining.join_views import bp as join
    from app.tenants.joining.team_views import bp as team
    from app.tenants.joining.views import bp as joining
    from app.tenants.key_views import bp as keys
    from app.tenants.logo_views import bp as logo
    from app.tenants.providers.settings_views import bp as identity
    from app.tenants.providers.views import bp as providers
    from app.tenants.settings_views import bp as tenant_settings
    from app.tenants.sign_in_views import bp as sign_in_rule
    from app.tenants.trail.views import bp as audit
    from app.tenants.views import bp as tenants

    pages = [tenants, accounts, joining, join, team, tenant_settings, sign_in_rule, logo, portal]
    return [*pages, keys, webhooks, audit, identity, providers, example, data, keeping, departing, proofs]


def _blueprints_for_staff() -> list[Any]:
    from app.demo.guide.views import bp as guide
    from app.desk.views import bp as desk
    from app.desk.views.customers import bp as customers
    from app.insights.figures.views import bp as figures
    from app.insights.reports.views import bp as reports
    from app.insights.scorecards.views import bp as scorecards
    from app.journeys.views import bp as journeys
    from app.journeys.views import partners_bp as partners
    from app.loop.absences.views import bp as absences
    from app.loop.cases.views import bp as cases
    from app.loop.sla.views import bp as calendar
    from app.surveys.answering.views.desk import bp as answering
    from app.surveys.answering.views.share import bp as share
    from app.surveys.answering.views.widgets import bp as widgets
    from app.surveys.design.views import bp as surveys
    from app.surveys.outreach.views import bp as outreach

    found = [journeys, partners, surveys, desk, customers, figures, calendar, scorecards, reports]
    return [*found, guide, absences, cases, outreach, answering, share, widgets]


def _blueprints_for_customers() -> list[Any]:
    from app.loop.cases.views.customer import bp as case
    from app.surveys.answering.views.customer import bp as answering
    from app.surveys.answering.views.open_link import bp as open_link
    from app.surveys.answering.views.widget import bp as widget
    from app.surveys.outreach.views import unsubscribe_bp as unsubscribe

    return [case, unsubscribe, answering, open_link, widget]


def _billing(settings: Settings) -> list[Any]:
    """Where nobody pays, there is nothing to see of it."""
    if settings.stripe_api_key is None:
        return []
    from app.billing.views import bp as billing
    from app.billing.webhook import bp as stripe

    return [billing, stripe]
