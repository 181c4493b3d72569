"""Every page for people in a real browser: nobody is shut out, nothing is wider than a phone, nothing fails unseen.

The pages come from the examples (examples.py), so a new one is looked at as soon as its route has an example. Each is
opened in both languages, in light colours in one and in dark ones in the other, and judged at a desk and on a phone.
What the phone sees is also what four times the size leaves of a desk (WCAG 2.2, 1.4.10).
"""

from __future__ import annotations

from typing import Any, Literal

import pytest
from flask_openapi3 import OpenAPI
from playwright.sync_api import Page

from tests.house.examples import EXAMPLES
from tests.house.probes import Example, routes
from tests.house.room import LANGUAGES, Room

DESK, PHONE = {"width": 1280, "height": 1024}, {"width": 320, "height": 256}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS: dict[str, Literal["light", "dark"]] = {"en": "light", "zh-Hans": "dark"}
SMALLER = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
"""What a smaller page can make wrong."""
UNSEEN = """() => {
  const look = (element) => [element, element.nextElementSibling, element.parentElement].map((part) => {
    const style = part && getComputedStyle(part);
    return style && [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.top];
  }).join();
  const reachable = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((element) => element.checkVisibility({visibilityProperty: true}) && !element.disabled);
  return reachable.filter((element) => {
    const before = look(element);
    element.focus({focusVisible: true});
    const isSeen = document.activeElement !== element || look(element) !== before;
    element.blur();
    return !isSeen;
  }).map((element) => element.outerHTML.slice(0, 120));
}"""
"""What the keyboard reaches without anybody seeing where it is."""
NO_PAGES = {
    *("health.live", "health.ready", "metrics.metrics"),  # for machines
    *(
        "cases.rows",
        "cases.story",
        "desk.steps",
        "webhooks.outcome",
        "data.progress",
        "example.progress",
    ),  # parts of a page that are loaded by themselves
    *("surveys.preview_page", "devmail.html"),  # what a frame of another page shows: a customer's page, a mail
    *("share.qr_svg", "share.qr_png", "logo.show", "desk.code"),  # pictures
    *("widget.script", "widgets.trial_script"),  # what other pages run
    *("reports.partner", "reports.own", "proofs.proof"),  # are downloaded
    *("tenants.start", "accounts.second_step", "providers.leave"),  # lead on
}

SIGHTS: dict[str, Example] = {
    **{name: example for name, example in EXAMPLES.items() if name not in NO_PAGES and example.by != "machine"
       and example.form is None and example.json is None},
    "accounts.sign_in": Example(by="nobody"),
    "accounts.sign_in, refused": Example(ok=422, by="nobody"),
    "accounts.new_password": Example({"link": "{reset_link}"}, by="nobody"),
    "accounts.new_email": Example({"link": "{email_link}"}, by="vera"),
    "join.offer": Example({"token": "{join_token}"}, by="nobody"),
    "joining.finish": Example({"link": "{sign_up_link}"}, by="nobody"),
    "answering.thanks": Example({"token": "{answered_token}"}, by="customer"),
    "answering.survey, answered": Example({"token": "{answered_token}"}, by="customer"),
    "devmail.show": Example({"name": "{mail}"}),
    "journeys.index": Example(),
    "journeys.index, adding": EXAMPLES["journeys.index"],
    "surveys.index, adding": EXAMPLES["surveys.index"],
    "figures.index": Example(),
    "figures.index, by partner": EXAMPLES["figures.index"],
    "cases.inbox, nothing found": Example(query={"q": "nobody has this name"}),
    "absences.index, agent": Example(by="bob"),
    "cases.show, closed": Example({"number": "{closed_case}"}),
    "partners.show, nobody's": Example({"key": "nobodys"}, ok=404),
    "desk.home, agent": Example(by="bob"),
    "desk.home, analyst": Example(by="dana"),
    "settings.index, without the right": Example(ok=403, by="bob"),
}  # fmt: skip
"""What is looked at, by endpoint; what stands behind a comma tells two sights of one page apart."""
REFUSED = ("accounts.sign_in, refused",)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_every_page_is_for_everybody(room: Room, sight: str, language: str) -> None:
    example = SIGHTS[sight]
    seat = room.seat(example.by, language)
    page = seat.page
    page.goto("about:blank")  # which breaks off what the last page was asking for
    seat.complaints.clear()
    page.emulate_media(color_scheme=COLOURS[language], reduced_motion="reduce")
    page.set_viewport_size(DESK)
    assert room.open(page, sight.partition(",")[0], example) == (200 if sight in REFUSED else example.ok)
    if sight in REFUSED:
        with page.expect_navigation() as refused:
            room.try_to_sign_in(page, "nobody@example.com", "not the password")
        assert refused.value and refused.value.status == example.ok
    assert _faults(page, RULES) == {}
    assert page.evaluate(UNSEEN) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "wider than a phone"
    assert _faults(page, SMALLER) == {}
    assert page.locator("h1").count() == 1
    assert page.title().strip(" ·")
    # The survey of the world is written in English, and so is the page that asks it. A provider's visitors work here.
    is_asked = example.by == "customer" and not sight.startswith("providers.")
    assert page.locator("html").get_attribute("lang") == ("en" if is_asked else language)
    assert seat.complaints == []


def _faults(page: Page, rules: list[str]) -> dict[str, Any]:
    """What axe finds: the places by rule."""
    # A summary of errors takes the focus and scrolls there; under the sticky head a target would count as cut off.
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    found = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false})", rules
    )
    return {
        rule["id"]: [(node["target"], node["html"][:200]) for node in rule["nodes"]] for rule in found["violations"]
    }


def test_every_page_has_a_sight(application: OpenAPI) -> None:
    """None is left out but those named above and what machines read."""
    seen = {sight.partition(",")[0] for sight in SIGHTS} | NO_PAGES
    pages = {rule.endpoint for rule, method in routes(application) if method == "GET"}
    machines = {name for name, example in EXAMPLES.items() if example.by == "machine"}
    assert pages - machines - seen == set()
