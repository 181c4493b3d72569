"""The frame by keyboard alone: past the rail, into menus and back, to the search, and to what a form complains of."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.house.room import Room


def _at(room: Room, path: str) -> Page:
    page = room.seat("alice", "en").page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{room.address}/t/{room.world.cast.slug}/{path}")
    return page


def test_one_key_leads_past_the_rail(room: Room) -> None:
    page = _at(room, "surveys/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")


def test_menus_open_close_and_give_the_focus_back(room: Room) -> None:
    page = _at(room, "")
    for name, menu in (("Language", "#languages"), (re.compile("Your menu"), "#reader")):
        button = page.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(menu)).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("menu => document.querySelector(menu).contains(document.activeElement)", menu)
        page.keyboard.press("Escape")
        expect(page.locator(menu)).to_be_hidden()
        expect(button).to_be_focused()


def test_help_opens_closes_and_gives_the_focus_back(room: Room) -> None:
    page = _at(room, "")
    button = page.get_by_role("button", name="Help")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(button).to_be_focused()


def test_the_search_gives_the_focus_back(room: Room) -> None:
    page = _at(room, "surveys/")
    link = page.get_by_role("link", name="New survey")
    link.focus()
    page.keyboard.press("Control+k")
    search = page.locator("[data-search]")
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_a_refused_form_says_so_where_the_focus_is(room: Room) -> None:
    page = _at(room, "settings/keys/")
    page.fill("[name=name]", "A key without scopes")
    page.locator("#main form").last.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    summary = page.locator("#main .notice-danger")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#scopes"
