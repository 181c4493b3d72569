"""About every template under app/: it compiles, it says nothing that our policy forbids, and its icons exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app.web.assets import inline_asset

APP = Path(__file__).parents[2] / "app"
TEMPLATES = sorted(APP.glob("**/templates/**/*.html"))
FORBIDDEN = {
    r"<[a-z][^>]*\sstyle\s*=": "move the style into frontend/styles/",
    r"<[a-z][^>]*\son[a-z]+\s*=": "move the handler into frontend/",
    r"\shx-on[:=-]": "move the handler into frontend/",
    r"<script(?![^>]*\ssrc=)": "move the script into frontend/",
    r"javascript:": "use a button and a listener in frontend/",
    r"hx-trigger=\"[^\"]*\[": "a trigger filter needs eval, which the policy forbids",
    r"=\"js:": "js: values need eval, which the policy forbids",
    r"\|\s*safe\b": "escape it, or make Markup in Python where it can be reviewed",
}


def _name(path: Path) -> str:
    return str(path.relative_to(APP))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_it_compiles(app: Flask, path: Path) -> None:
    app.jinja_env.compile(path.read_text("utf-8"), filename=str(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_it_has_no_inline_style_or_script(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = {remedy: match.group() for rule, remedy in FORBIDDEN.items() if (match := re.search(rule, text))}
    assert not found, path
    # A mail has no policy of ours and no other way to be styled.
    if path.name not in ("mail.html", "letter.html", "mail_frame.html"):
        assert not re.search(r"<style(?![^>]*\snonce=)", text), f"{path}: a style element needs a nonce"


@pytest.mark.parametrize(
    "text",
    [
        '<p class="a" style="color: red">',
        '<p style = "color: red">',
        '<button type="button"\n onclick="go()">',
        "<script>go()</script>",
        '<a href="javascript:go()">',
        '<i hx-trigger="click[ctrlKey]">',
        '<i hx-vals="js:{a: 1}">',
        '<i hx-on:click="go()">',
        "{{ words|safe }}",
    ],
)
def test_the_rules_find_what_they_forbid(text: str) -> None:
    assert any(re.search(rule, text) for rule in FORBIDDEN)


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    named = set()
    for path in [*TEMPLATES, *APP.glob("**/*.py")]:
        named |= set(re.findall(r"\bicon(?:\(|=)\s*[\"']([a-z0-9-]+)[\"']", path.read_text("utf-8")))
    sprite = inline_asset("icons.svg")
    missing = [name for name in sorted(named) if f'id="{name}"' not in sprite]
    assert "inbox" in named
    assert not missing, f"run `npm run build`: the sprite has no {missing}"
