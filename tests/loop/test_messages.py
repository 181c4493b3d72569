"""What the customer is told when a case is resolved: one mail in the brand's name, or why there was none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.customers.service import suppress
from app.delivery.models import Message
from app.kernel import clock
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict, Invalid
from app.loop.cases import service
from app.loop.cases.models import Case
from app.tenants.service import change_settings
from tests.cast import Cast
from tests.factories.loop import make_case
from tests.loop.told import last_data
from tests.smtp import Server, part, serve


@pytest.fixture
def mail(cast: Cast) -> Iterator[Server]:
    with serve(cast.app) as server:
        yield server


def messages() -> int:
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def test_a_message_goes_out_as_a_mail_of_the_brand(cast: Cast, mail: Server) -> None:
    with cast.scope():
        change_settings({"sender_name": "Acme"})
        case = make_case(email="ana@example.com")
        service.resolve_case(case.number, "Refunded", "We are sorry.\n\nThe money is <b>on its way</b>.")
        assert last_data(case, "resolved")["fate"] == "queued"
    cast.run_jobs()
    (sent,) = mail.mails
    assert mail.recipients == ["ana@example.com"]
    assert sent["From"].startswith("Acme <") and sent["Subject"] == "About what you told us: Delivery"
    text, html = part(sent, "plain"), part(sent, "html")
    assert text.startswith("Dear Ana,\n\nWe are sorry.\n\nThe money is <b>on its way</b>.")
    assert "<p>We are sorry.</p>" in html and "&lt;b&gt;on its way&lt;/b&gt;" in html


def test_in_the_customer_s_language(cast: Cast, mail: Server) -> None:
    with cast.scope():
        case = make_case(customer={"locale": "zh-Hans", "name": "李雷"})
        service.resolve_case(case.number, "退款", "款项已退回。")
    cast.run_jobs()
    assert '<html lang="zh-Hans">' in part(mail.mails[0], "html")
    assert "款项已退回。" in part(mail.mails[0], "plain")


def test_without_a_message_nothing_is_sent(cast: Cast) -> None:
    with cast.scope():
        case = make_case()
        service.resolve_case(case.number, "Refunded", "  ")
        assert messages() == 0 and last_data(case, "resolved")["fate"] is None


def test_who_asked_not_to_be_written_to_is_not(cast: Cast) -> None:
    with cast.scope():
        case = make_case()
        assert case.customer_id is not None
        suppress(case.customer_id, "unsubscribe_link")
        service.resolve_case(case.number, "Refunded", "Sorry")
        assert messages() == 0
        assert last_data(case, "resolved") == {"message": "Sorry", "fate": "suppressed"}


def test_history_and_people_without_an_address_get_none(cast: Cast) -> None:
    with cast.scope():
        old = make_case(historic=True, answered_at=clock.now() - timedelta(days=900))
        service.resolve_case(old.number, "Refunded", "Sorry")
        assert last_data(old, "resolved")["fate"] == "historic"
        nobody = make_case()
        with atomic() as session:
            row = session.merge(nobody)
            row.customer_id = None
        service.resolve_case(nobody.number, "Refunded", "Sorry")
        assert last_data(nobody, "resolved")["fate"] == "no_customer"
        assert messages() == 0


def test_a_second_resolution_may_have_its_own_message(cast: Cast, mail: Server) -> None:
    with cast.scope():
        case = make_case()
        service.resolve_case(case.number, "Refunded", "First")
        service.resolve_case(case.number, "And a voucher", "Second")
    cast.run_jobs()
    assert len(mail.mails) == 2


@pytest.mark.parametrize(
    ("action", "message"), [("", "x"), ("  ", ""), ("a\x00", ""), ("ok", "b\x00"), ("x" * 5001, "")]
)
def test_nothing_is_written_or_sent_for_texts_that_cannot_be(cast: Cast, action: str, message: str) -> None:
    with cast.scope():
        case = make_case()
        with pytest.raises(Invalid):
            service.resolve_case(case.number, action, message)
        assert messages() == 0
        assert db.session.scalar(select(Case.status).where(Case.id == case.id)) == "new"


def test_a_hostile_name_stays_on_its_line(cast: Cast, mail: Server) -> None:
    with cast.scope():
        change_settings({"sender_name": "Acme\r\nBcc: everybody@example.com"})
        case = make_case(customer={"name": "'\"><script>alert(1)</script>{{7*7}}"})
        service.resolve_case(case.number, "Refunded", "{{7*7}}")
    cast.run_jobs()
    (sent,) = mail.mails
    assert sent["Bcc"] is None and "<script>" not in part(sent, "html")
    assert "49" not in part(sent, "plain") and "{{7*7}}" in part(sent, "plain")


def test_a_refused_closure_sends_nothing(cast: Cast) -> None:
    with cast.scope():
        case = make_case()
        with pytest.raises(Conflict):
            service.wrap_up(
                case.number, service.WrapUp("confirmed", action_taken="Refunded", message_to_customer="Sorry")
            )
        assert messages() == 0
