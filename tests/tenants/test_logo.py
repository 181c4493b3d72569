"""The tenant's logo: what is taken and what is refused, what of a file comes out again, who sees it where."""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Callable
from functools import partial
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.kernel import clock, tokens
from app.kernel.db import atomic, db
from app.kernel.errors import Conflict
from app.tenants import queries, service
from app.tenants.logo_rules import BOX, MOST_KEPT_BYTES, MOST_UPLOADED_BYTES, Drawn, NoLogo, draw_logo, fit
from app.tenants.models import AuditEvent, TenantLogo
from tests.cast import Cast
from tests.threads import at_once

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LANGUAGES = ("en", "zh-Hans")


def picture(size: tuple[int, int] = (300, 100), colour: object = "teal", mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    made = BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""
    chunks = b""
    for name, data in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 99)),
        (b"IEND", b""),
    ):
        chunks += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunks


def moving() -> bytes:
    frames = [picture(colour=colour) for colour in ("red", "green", "blue")]
    return as_file(frames[0], save_all=True, append_images=frames[1:])


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("nothing", lambda: b"", "empty"),
    ("an SVG", lambda: SVG, "kind"),
    ("words", lambda: b"GIF89a? no", "kind"),
    ("a GIF", lambda: as_file(picture(), "GIF"), "kind"),
    ("a WebP", lambda: as_file(picture(), "WEBP"), "kind"),
    ("a TIFF", lambda: as_file(picture(), "TIFF"), "kind"),
    ("the head of a PNG alone", lambda: b"\x89PNG\r\n\x1a\n", "kind"),
    ("a PNG cut off", lambda: as_file(Image.frombytes("RGB", (99, 99), os.urandom(29403)))[:9000], "damaged"),
    ("a JPEG cut off", lambda: as_file(Image.frombytes("RGB", (99, 99), os.urandom(29403)), "JPEG")[:2000], "damaged"),
    ("a picture that moves", moving, "moving"),
    ("one pixel", lambda: as_file(picture((1, 1))), "small"),
    ("a line", lambda: as_file(picture((10_000, 10))), "small"),
    ("a strip", lambda: as_file(picture((300, 20))), "long"),
    ("a strip on end", lambda: as_file(picture((20, 300))), "long"),
    ("a bomb", lambda: claims(50_000, 50_000), "vast"),
    ("a small bomb", lambda: claims(4000, 2001), "vast"),
    ("too many bytes", lambda: as_file(picture()) + b"\0" * MOST_UPLOADED_BYTES, "large"),
]


@pytest.mark.parametrize(
    ("_what", "upload", "fault"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_cannot_be_a_logo_is_refused(_what: str, upload: Callable[[], bytes], fault: str) -> None:
    with pytest.raises(NoLogo) as refusal:
        draw_logo(upload())
    assert refusal.value.fault == fault


@pytest.mark.parametrize("size", [(16, 16), (480, 160), (4000, 2000), (128, 16), (16, 128)])
def test_every_size_that_is_taken_fits_the_box(size: tuple[int, int]) -> None:
    drawn = draw_logo(as_file(picture(size)))
    assert opened(drawn.content).size == (drawn.width, drawn.height)
    assert drawn.width <= BOX[0] and drawn.height <= BOX[1]
    assert drawn.width / drawn.height == pytest.approx(size[0] / size[1], rel=0.05)
    assert (drawn.width, drawn.height) == size or size[0] > BOX[0] or size[1] > BOX[1]


@pytest.mark.parametrize(
    ("image", "kind", "seen"),
    [
        (picture(colour=(255, 0, 0)), "PNG", (255, 0, 0, 255)),
        (picture(colour=(255, 0, 0)), "JPEG", (254, 0, 0, 255)),
        (picture(colour=(0, 255, 255, 0), mode="CMYK"), "JPEG", (255, 0, 0, 255)),
        (picture(colour=(0, 0, 255, 128), mode="RGBA"), "PNG", (0, 0, 255, 128)),
        (picture(colour=(200, 128), mode="LA"), "PNG", (200, 200, 200, 128)),
        (picture(colour=0x8080, mode="I;16"), "PNG", (128, 128, 128, 255)),
        (picture(colour=1, mode="1"), "PNG", (255, 255, 255, 255)),
        (picture(colour=(1, 2, 3)).quantize(4), "PNG", (1, 2, 3, 255)),
    ],
)
def test_every_kind_of_colour_comes_out_as_it_looked(image: Image.Image, kind: str, seen: tuple[int, ...]) -> None:
    drawn = opened(draw_logo(as_file(image, kind)).content)
    assert drawn.format == "PNG"
    found = drawn.convert("RGBA").getpixel((5, 5))
    assert all(abs(a - b) <= 1 for a, b in zip(found, seen, strict=True)), found


def test_a_picture_taken_on_its_side_stands_upright() -> None:
    sideways = picture((100, 300))
    sideways.paste("red", (0, 0, 100, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter clockwise to look at it
    drawn = opened(draw_logo(as_file(sideways, "JPEG", exif=exif, quality=95)).content)
    assert drawn.size == (300, 100)
    assert drawn.getpixel((295, 50))[0] > 200 > 100 > drawn.getpixel((5, 50))[0]


def test_nothing_but_the_pixels_is_kept() -> None:
    told = PngInfo()
    told.add_text("Comment", "secretcanary", zip=False)
    exif = Image.Exif()
    exif[0x010E] = "secretcanary"
    profile = b"secretcanary" * 40
    png = as_file(picture(), pnginfo=told, exif=exif, icc_profile=profile) + b"<script>secretcanary</script>PK\x03\x04"
    jpeg = as_file(picture(), "JPEG", exif=exif, icc_profile=profile, comment=b"secretcanary") + SVG
    for upload in (png, jpeg):
        assert b"secretcanary" in upload
        content = draw_logo(upload).content
        chunks = re.findall(rb"(IHDR|PLTE|tRNS|IDAT|IEND|tEXt|zTXt|iTXt|eXIf|iCCP|gAMA|pHYs)", content)
        assert set(chunks) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
        assert b"secret" not in content and b"script" not in content and content.endswith(b"IEND\xaeB`\x82")


def test_even_noise_stays_small() -> None:
    noise = Image.frombytes("RGBA", (480, 160), os.urandom(480 * 160 * 4))
    drawn = draw_logo(as_file(noise))
    assert len(drawn.content) <= MOST_KEPT_BYTES
    assert (drawn.width, drawn.height) == (480, 160)


def test_the_size_it_is_shown_in() -> None:
    assert [fit(480, 160, 160, 40), fit(30, 10, 160, 40), fit(16, 128, 160, 40)] == [(120, 40), (30, 10), (5, 40)]


# --- through its doors ---


def _send(cast: Cast, upload: bytes, name: str = "logo.png", who: str = "alice") -> object:
    return cast.client(who).post("settings/logo", data={"logo": (BytesIO(upload), name)})


def _path(cast: Cast) -> str:
    with cast.scope():
        logo = queries.brand("Acme").logo
    assert logo is not None
    return logo.path


def test_a_logo_is_chosen_seen_replaced_and_removed(cast: Cast) -> None:
    alice = cast.client("alice")
    assert "There is no logo" in alice.get("settings/logo").text
    assert _send(cast, as_file(picture())).status_code == 303
    first = _path(cast)
    page = alice.get("settings/logo").text
    assert page.count(f'src="{first}" width="120" height="40" alt="Tenant {cast.slug}"') == 2
    answer = alice.get(first)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert opened(answer.data).size == (300, 100)

    assert _send(cast, as_file(picture(colour="red")), "x.jpg").status_code == 303
    second = _path(cast)
    assert first != second
    old = alice.get(first)
    assert (old.status_code, old.headers["Location"]) == (302, second)
    assert "immutable" not in old.headers.get("Cache-Control", "")

    assert alice.post("settings/logo/removal").status_code == 303
    assert alice.post("settings/logo/removal").status_code == 303
    assert (alice.get(first).status_code, alice.get(second).status_code) == (404, 404)
    assert _send(cast, as_file(picture(colour="blue"))).status_code == 303
    assert alice.get(first).headers["Location"] == _path(cast)
    with cast.scope():
        acts = [event.action for event in db.session.query(AuditEvent) if event.action.startswith("logo")]
    assert sorted(acts) == ["logo.changed"] * 3 + ["logo.removed"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("what", "upload", "fault"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_refusal_says_why_and_keeps_what_there_was(
    cast: Cast, what: str, upload: Callable[[], bytes], fault: str, language: str
) -> None:
    _send(cast, as_file(picture()))
    before = _path(cast)
    client = cast.client("alice")
    form = {"logo": (BytesIO(upload()), "logo.png")}
    answer = client.post("settings/logo", data=form, headers={"Accept-Language": language})
    assert answer.status_code == 422, what
    assert 'class="field-error"' in answer.text and 'aria-invalid="true"' in answer.text
    assert ("目" in answer.text or "图" in answer.text or "文件" in answer.text) is (language == "zh-Hans")
    assert _path(cast) == before


def test_a_form_without_a_file_and_one_that_is_far_too_large(cast: Cast) -> None:
    alice = cast.client("alice")
    assert alice.post("settings/logo", data={"logo": "text"}).status_code == 422
    assert alice.post("settings/logo").status_code == 422
    assert _send(cast, b"\0" * 3_000_000).status_code == 413
    with cast.scope():
        assert queries.find_logo() is None


@pytest.mark.parametrize("who", ["bob", "dana", "pat"])
def test_only_admins_choose(cast: Cast, who: str) -> None:
    for call in (
        lambda: cast.client(who).get("settings/logo"),
        lambda: _send(cast, as_file(picture()), who=who),
        lambda: cast.client(who).post("settings/logo/removal"),
    ):
        assert call().status_code == 403


def test_of_several_at_the_same_time_one_stays(cast: Cast) -> None:
    for _turn in range(2):  # the first ones find nothing, the others what there was
        uploads = [as_file(picture(colour=colour)) for colour in ("red", "green", "blue", "white")]
        assert at_once(cast, *(partial(service.set_logo, upload) for upload in uploads)) == [None] * 4
    with cast.scope():
        (row,) = db.session.query(TenantLogo)
        assert row.digest == Drawn(row.content, row.width, row.height).digest
        assert row.content in [draw_logo(upload).content for upload in uploads]


def test_the_address_opens_nothing_else(cast: Cast, others: Cast) -> None:
    for each in (cast, others):
        _send(each, as_file(picture()), who="charlie" if each is others else "alice")
    mine, theirs = _path(cast), _path(others)
    stranger = cast.client("alice")
    token, digest = mine.split("/")[2:]
    assert stranger.get(theirs).status_code == 200  # it is there for everybody, as on a customer's page
    swapped = tokens.issue("logo", cast.tenant_id, tokens.read("logo", theirs.split("/")[2])[1])
    for bad in (f"/logo/{swapped}/{digest}", f"/logo/{token[:-1]}x/{digest}", f"/logo/{token}/", "/logo/x/y.png"):
        assert stranger.get(bad).status_code == 404, bad
    respond = tokens.issue("respond", cast.tenant_id, tokens.read("logo", token)[1])
    assert stranger.get(f"/logo/{respond}/{digest}").status_code == 404
    assert stranger.get(f"/logo/{token}/nonsense.png").headers["Location"] == mine


def test_the_database_takes_nothing_larger(cast: Cast) -> None:
    from sqlalchemy.exc import IntegrityError

    drawn = Drawn(b"x" * (MOST_KEPT_BYTES + 1), 10, 10)
    with cast.scope(), pytest.raises((IntegrityError, Conflict)), atomic() as session:
        session.add(TenantLogo(content=drawn.content, digest=drawn.digest, width=10, height=10,
                               changed_at=clock.now()))  # fmt: skip
        session.flush()
