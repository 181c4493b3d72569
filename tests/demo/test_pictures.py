"""The pictures of the README, made of the demo tenant: they show what is there, in both languages.

`make pictures` keeps them in docs/pictures; else they are looked at and thrown away.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from app.demo.shop.setting import FAR, PASSWORD, PEOPLE
from app.kernel.db import atomic, db
from app.kernel.scope import directory_scope
from app.loop.cases.models import Case
from app.surveys.design.models import Survey
from app.tenants.service import set_locale
from tests.demo.conftest import Shop
from tests.house.source import ROOT

pytestmark = pytest.mark.timeout(300)

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN"}
KEPT = ROOT / "docs" / "pictures"


def _open_case(shop: Shop) -> int:
    return next(case.number for case in shop.rows(Case) if not case.is_historic and case.owner_id is not None)


def _places(shop: Shop, key: str) -> dict[str, tuple[str, str, dict[str, int]]]:
    """Where each picture is taken: who, where, how large; nobody answers the survey `key`."""
    last_month = shop.filled_at.date().replace(day=1) - timedelta(days=1)
    return {
        "home": ("ravi", "", DESK),
        "inbox": ("jun", "cases/", DESK),
        "case": ("jun", f"cases/{_open_case(shop)}", DESK),
        "scorecard": ("ravi", f"partners/{FAR}/scorecard?period={last_month:%Y-%m}", DESK),
        "survey": ("", key, PHONE),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pictures_show_what_is_there(
    shop: Shop, address: str, browser: Browser, tmp_path: Path, language: str
) -> None:
    folder = KEPT if os.environ.get("HEED_PICTURES") else tmp_path
    folder.mkdir(exist_ok=True)
    with shop.cast.app.app_context(), shop.cast.scope(), atomic():
        survey = db.session.query(Survey).order_by(Survey.key).first()
        assert survey is not None
        survey.has_open_link, key = True, survey.key
    for name, (who, path, size) in _places(shop, key).items():
        context = browser.new_context(locale=LANGUAGES[language], viewport=size, reduced_motion="reduce")
        page = context.new_page()
        if who:
            _sign_in(shop, page, address, who, language)
            status = page.goto(f"{address}/t/demo/{path}")
        else:
            status = page.goto(f"{address}/s/demo/{path}?lang={language}")
        assert status is not None and status.status == 200, name
        assert page.locator("html").get_attribute("lang") == language
        page.wait_for_load_state("networkidle")
        kept = folder / f"{name}-{language}.png"
        page.screenshot(path=kept)
        with Image.open(kept) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 50, f"{name} is empty"
            picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(kept, optimize=True)
        context.close()
    _read_english(shop)  # as the other tests of this shop find them


def _read_english(shop: Shop) -> None:
    with shop.cast.app.app_context(), directory_scope(), atomic():
        for who in ("ravi", "jun"):
            set_locale(shop.cast.users[who], "en")


def _sign_in(shop: Shop, page: Page, address: str, who: str, language: str) -> None:
    with shop.cast.app.app_context(), directory_scope(), atomic():
        set_locale(shop.cast.users[who], language)
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", next(one.email for one in PEOPLE if one.email.startswith(f"{who}@")))
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/demo/**")
