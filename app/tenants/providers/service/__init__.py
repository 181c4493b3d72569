"""What can be done with providers: set them up, and sign in through them."""

from app.tenants.providers.service.setting_up import (
    ProviderInput,
    add_provider,
    change_provider,
    remove_provider,
    try_provider,
    unlink,
)
from app.tenants.providers.service.signing_in import (
    Arrival,
    Refused,
    Visitor,
    begin_flow,
    change_places,
    enter_by_own_way,
    finish_flow,
)

__all__ = [
    "Arrival",
    "ProviderInput",
    "Refused",
    "Visitor",
    "add_provider",
    "begin_flow",
    "change_places",
    "change_provider",
    "enter_by_own_way",
    "finish_flow",
    "remove_provider",
    "try_provider",
    "unlink",
]
