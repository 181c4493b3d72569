"""A provider that is slow, or many at once, hold up nobody else."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from app.kernel.outbound import client
from app.tenants.providers import talks
from app.tenants.providers.talks import MOST_AT_ONCE, MOST_OF_ONE_TENANT, MOST_SECONDS, Busy
from tests.cast import Cast
from tests.fakes.oidc_server import Provider
from tests.tenants.at_provider import key_of, leave, nobody, place_of, set_up, through, written_down


@pytest.mark.usefixtures("newcomer")
@pytest.mark.parametrize(
    ("each", "status", "given"),
    [(2.0, 303, [MOST_SECONDS, MOST_SECONDS - 2, MOST_SECONDS - 4]), (4.0, 422, [MOST_SECONDS, MOST_SECONDS - 4])],
)
def test_all_requests_of_a_sign_in_end_by_one_time(
    cast: Cast, honest: Provider, monkeypatch: pytest.MonkeyPatch, each: float, status: int, given: list[float]
) -> None:
    found, nia = set_up(cast, honest, "viewer"), nobody(cast)
    back = through(leave(cast, nia, found))
    past, seconds, send = [0.0], list[float](), client.send

    def slow(*words: Any, **more: Any) -> Any:
        seconds.append(more["seconds"])
        past[0] += each
        return send(*words, **{**more, "seconds": 10.0})

    monkeypatch.setattr(talks, "monotonic", lambda: past[0])
    monkeypatch.setattr(client, "send", slow)
    assert nia.get(back).status_code == status
    assert seconds == given


def test_one_tenant_takes_some_of_the_talks_and_all_take_not_all_threads(cast: Cast, others: Cast) -> None:
    with ExitStack() as held:
        for who, count in ((cast, MOST_OF_ONE_TENANT), (others, MOST_AT_ONCE - MOST_OF_ONE_TENANT)):
            with who.scope():
                for _turn in range(count):
                    held.enter_context(talks.talk())
                with pytest.raises(Busy), talks.talk():
                    pass
    with cast.scope(), talks.talk():
        assert talks.seconds_left() > 0


def test_who_finds_them_all_taken_is_asked_to_try_again(cast: Cast, others: Cast) -> None:
    found, nia, alice = written_down(cast), nobody(cast), cast.client("alice")
    key = {"key": key_of(cast, nia)}
    with ExitStack() as held:
        with cast.scope():
            for _turn in range(MOST_OF_ONE_TENANT):
                held.enter_context(talks.talk())
        answer = nia.get(f"{place_of(cast)}/{found}", query_string=key)
        assert answer.status_code == 422 and "Many people are signing in" in answer.text
        assert alice.post(f"settings/providers/{found}/test").status_code == 303
        assert "Too many sign-ins" in alice.get(f"settings/providers/{found}").text
    assert "Many people" not in nia.get(f"{place_of(cast)}/{found}", query_string=key).text
