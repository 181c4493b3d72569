"""The plain values that the rules of this room judge by, taken from rows."""

from __future__ import annotations

from app.customers import queries as customers
from app.customers.models import Customer
from app.kernel import scope
from app.surveys.outreach.models import Interaction, OutreachRule
from app.surveys.outreach.rules import InteractionFacts, PersonFacts, RuleFacts
from app.surveys.outreach.setup_rules import RuleInput
from app.tenants import queries as tenants
from app.tenants.models import TenantSettings


def tenant_timezone() -> str:
    """The time zone of the scope's tenant."""
    found = tenants.find_tenant(scope.tenant_id())
    return found.timezone if found else "UTC"


def person_facts(customer: Customer, settings: TenantSettings, timezone: str) -> PersonFacts:
    """Who would be asked, as things stand; `timezone` is the tenant's."""
    has_email = customers.find_email(customer.id) is not None
    return known_person(customer, settings, timezone, has_email, customers.is_suppressed(customer.id))


def known_person(
    customer: Customer, settings: TenantSettings, timezone: str, has_email: bool, is_suppressed: bool
) -> PersonFacts:
    """As `person_facts` where addresses and suppressions of many people were looked up together."""
    return PersonFacts(
        addresses=frozenset({"email"} if has_email else ()),
        tenant_timezone=timezone,
        timezone=customer.timezone,
        is_unsubscribed=is_suppressed,
        sending_hours=(settings.quiet_ends_hour, settings.quiet_starts_hour),
    )


def rule_facts(rule_id: str, rule: OutreachRule | RuleInput, settings: TenantSettings) -> RuleFacts:
    """What a rule wants, as it is stored or as it is sent, with the tenant's own limits."""
    return RuleFacts(
        id=rule_id,
        channel=rule.channel,
        delay_minutes=rule.delay_minutes,
        sample_percent=rule.sample_percent,
        expires_after_days=rule.expires_after_days,
        quiet_hours=rule.quiet_hours,
        min_gap_days=rule.min_gap_days,
        gap_days=settings.min_gap_days,
        annual_cap=settings.annual_cap,
    )


def interaction_facts(interaction: Interaction) -> InteractionFacts:
    """What happened."""
    return InteractionFacts(str(interaction.id), interaction.occurred_at, interaction.is_historic)


def tenant_key() -> str:
    """The tenant as it enters the draw of the sample."""
    return str(scope.tenant_id())
