"""For whom a provider may speak, as plain values."""

from __future__ import annotations

import pytest

from app.tenants.accounts.addresses import checked_address
from app.tenants.providers.rules import read_domains, vouches_for


@pytest.mark.parametrize("typed", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "@Bücher.EXAMPLE"])
@pytest.mark.parametrize("email", ["ada@bücher.example", "ada@xn--bcher-kva.example", "Ada@BÜCHER.example"])
def test_a_domain_is_the_same_in_every_spelling(typed: str, email: str) -> None:
    good, bad = read_domains(typed)
    assert (good, bad) == (["xn--bcher-kva.example"], [])
    assert vouches_for(" ".join(good), checked_address(email))


@pytest.mark.parametrize(
    "email", ["ada@bucher.example", "ada@shop.bücher.example", "ada@bücher.example.com", "ada@", ""]
)
def test_another_domain_stays_another(email: str) -> None:
    assert not vouches_for("xn--bcher-kva.example", email)


def test_what_is_no_domain_is_told_as_it_was_typed() -> None:
    endless = "ü" * 300 + ".example"
    assert read_domains(f"acme.example {endless}, 😀.example; ACME.example") == (
        ["acme.example"],
        [endless, "😀.example"],
    )
    assert read_domains("例子.中国\n例子.中国") == (["xn--fsqu00a.xn--fiqs8s"], [])
