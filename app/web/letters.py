"""Letters: short mails to people who work here, as HTML and as text. What one says is data; how it looks stands here.

A room that has something to write names it (`LetterWanted` in app/tenants/events.py) and has a writer in the table of
app/handlers.py; the writer is asked when the letter goes out, so that no link to anything is ever kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import css_inline
from flask import current_app
from flask_babel import force_locale

from app.config import Settings
from app.web.shell import page_language


def base_url() -> str:
    """The address that every link begins with that is followed from elsewhere: a letter, or another site."""
    settings: Settings = current_app.extensions["heed_settings"]
    return settings.base_url


@dataclass(frozen=True)
class Letter:
    """What one letter says, in the language that its writer wrote it in (as Babel names it)."""

    to_address: str
    language: str
    subject: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str] | None = None
    """The words of the one thing to do, and the address it leads to."""
    small: tuple[str, ...] = ()
    """What stands below: how long it holds, and what to do when one has not asked for it."""
    sender: str = "Heed"


@dataclass(frozen=True)
class Rendered:
    """A letter as a mail takes it."""

    text: str
    html: str


def render_letter(letter: Letter) -> Rendered:
    """The two bodies of a letter."""
    with force_locale(letter.language):
        words = {"letter": letter, "language": page_language()}
        # Not render_template: what other rooms add to pages has no business in a mail.
        text, html = (
            current_app.jinja_env.get_template(f"web/letter.{kind}").render(words) for kind in ("txt", "html")
        )
    return Rendered(text.strip() + "\n", inlined(html))


def inlined(html: str) -> str:
    """The mail with its styles put into its elements, where every mail program finds them."""
    return _inliner().inline(html)


@cache
def _inliner() -> css_inline.CSSInliner:
    # The style element stays for the dark colours, which no style attribute can hold; nothing is loaded from outside.
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
