"""The settings: every one of them, read once from the environment and frozen.

`Settings` is the single list of what can be configured; docs/settings.md is generated from it. A missing or malformed
variable stops the boot with a sentence that names it (`load_settings` raises `ConfigError`).
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class ConfigError(Exception):
    """A setting is missing or malformed; the text names the variable and the remedy."""


def _named(variable: str) -> AliasChoices:
    return AliasChoices(variable)


class Settings(BaseSettings):
    """What an operator can set. All values come from environment variables (in development also from `.env`)."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=True, populate_by_name=True)

    database_url: str = Field(
        validation_alias=_named("DATABASE_URL"),
        description="PostgreSQL address of the application's role (heed_app). Unset: the embedded server.",
    )
    database_owner_url: str | None = Field(
        default=None,
        validation_alias=_named("DATABASE_OWNER_URL"),
        description="PostgreSQL address of the role that owns the tables; needed by migrations only.",
    )
    redis_url: str = Field(
        validation_alias=_named("REDIS_URL"),
        description="Redis or Valkey address for wake-ups and rate limits. Unset: the embedded server.",
    )
    secret_key: str = Field(
        min_length=32,
        repr=False,
        validation_alias=_named("SECRET_KEY"),
        description="Signs sessions and links and seals the keys of authenticator apps, at least 32 characters."
        " Generated into HEED_HOME when embedded.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000",
        validation_alias=_named("BASE_URL"),
        description="The public address, used in every link and mail.",
    )
    smtp_url: str | None = Field(
        default=None,
        validation_alias=_named("SMTP_URL"),
        description="smtp://user:password@host:port or smtps://…. A password goes to another machine over TLS only "
        "(smtps://, or smtp:// where the server offers STARTTLS). Unset, embedded only: the development mailbox.",
    )
    mail_from: str = Field(
        default="feedback@heed.localhost",
        validation_alias=_named("MAIL_FROM"),
        description="The address that invitations are sent from.",
    )
    private_receivers: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(),
        validation_alias=_named("HEED_PRIVATE_RECEIVERS"),
        description="Networks that webhooks and identity providers may be in although they are private, such as "
        "`10.1.0.0/16,127.0.0.1/32`; "
        "there plain http and any port will do. Unset: only https on the public internet.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        validation_alias=_named("HEED_TRUSTED_PROXIES"),
        description="How many proxies of yours stand before the web port; each has to add the address it sees to "
        "X-Forwarded-For. 0: no header is believed, and every visitor has the address of the socket.",
    )
    home: Path = Field(
        default=Path(".heed"), validation_alias=_named("HEED_HOME"), description="Where embedded state lives."
    )
    port: int = Field(default=8000, ge=0, le=65535, validation_alias=_named("PORT"), description="Web port.")
    web_workers: int = Field(
        default=1, ge=1, le=64, validation_alias=_named("WEB_WORKERS"), description="Web processes."
    )
    queue_workers: int = Field(
        default=1, ge=1, le=64, validation_alias=_named("QUEUE_WORKERS"), description="Job worker processes."
    )
    embedded: bool = Field(
        default=False,
        validation_alias=_named("HEED_EMBEDDED"),
        description="Set by the supervisor when it runs PostgreSQL and Redis itself; opens the /dev pages to loopback.",
    )
    metrics_token: str | None = Field(
        default=None,
        repr=False,
        validation_alias=_named("METRICS_TOKEN"),
        description="Bearer token of /metrics. Unset: /metrics answers loopback only.",
    )
    stripe_api_key: str | None = Field(
        default=None,
        repr=False,
        validation_alias=_named("STRIPE_API_KEY"),
        description="Secret key of the Stripe account that tenants pay into. Unset: nobody pays, nothing is limited.",
    )
    stripe_webhook_secret: str | None = Field(
        default=None,
        repr=False,
        validation_alias=_named("STRIPE_WEBHOOK_SECRET"),
        description="Signing secret of the endpoint /webhooks/stripe; several, separated by commas, while one replaces "
        "another. Needed with STRIPE_API_KEY.",
    )
    stripe_api_base: str = Field(
        default="https://api.stripe.com",
        validation_alias=_named("STRIPE_API_BASE"),
        description="Where Stripe answers; another address only to try things out against a stand-in.",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", validation_alias=_named("LOG_FORMAT"), description="console or json."
    )
    clock_offset_seconds: int = Field(
        default=0,
        validation_alias=_named("HEED_CLOCK_OFFSET_SECONDS"),
        description="Shifts the kernel clock; honoured only together with HEED_TESTING=1.",
    )
    testing: bool = Field(
        default=False, validation_alias=_named("HEED_TESTING"), description="Set by the test suite only."
    )

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("postgresql", "postgresql+psycopg"):
            raise ValueError("must start with postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("base_url", "stripe_api_base")
    @classmethod
    def _is_absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError("must be an absolute http:// or https:// address")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _hears_what_it_sells(self) -> Self:
        # Without the secret nobody's payment would ever be heard of.
        if self.stripe_api_key and not self.stripe_webhook_secrets:
            raise ValueError("STRIPE_WEBHOOK_SECRET is not set; STRIPE_API_KEY needs it")
        return self

    @property
    def stripe_webhook_secrets(self) -> tuple[str, ...]:
        """The signing secrets that are valid now."""
        listed = (self.stripe_webhook_secret or "").split(",")
        return tuple(secret.strip() for secret in listed if secret.strip())

    @field_validator("private_receivers", mode="before")
    @classmethod
    def _are_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(text.strip()) for text in value.split(",") if text.strip())
        except ValueError:
            raise ValueError("must be networks such as 10.1.0.0/16, separated by commas") from None

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in ("smtp", "smtps"):
            raise ValueError("must start with smtp:// or smtps://")
        return value


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; `overrides` (by field name) win. Raises ConfigError naming each fault."""
    try:
        return Settings(**{"_env_file": ".env", **overrides})
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(fault) for fault in error.errors())) from None


def variable_of(field: str) -> str:
    """The environment variable that a setting is read from; a name that is none stands for itself."""
    info = Settings.model_fields.get(field)
    alias = info.validation_alias if info else None
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field


def _sentence(fault: object) -> str:
    assert isinstance(fault, dict)
    if not fault["loc"]:  # several settings do not go together; the sentence names them
        return str(fault["msg"]).removeprefix("Value error, ")
    variable = variable_of(str(fault["loc"][0]))
    if fault["type"] == "missing":
        return f"{variable} is not set"
    return f"{variable}: {str(fault['msg']).removeprefix('Value error, ')}"
