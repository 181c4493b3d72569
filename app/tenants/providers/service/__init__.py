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
    Newly,
    Refused,
    Visitor,
    begin_flow,
    enter_by_own_way,
    finish_flow,
)

__all__ = [
    "Newly",
    "ProviderInput",
    "Refused",
    "Visitor",
    "add_provider",
    "begin_flow",
    "change_provider",
    "enter_by_own_way",
    "finish_flow",
    "remove_provider",
    "try_provider",
    "unlink",
]
