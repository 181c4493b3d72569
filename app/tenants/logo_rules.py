"""Which picture may be a logo, and what of it is kept: its pixels, drawn anew as a small PNG, and nothing else.

Uploads are hostile until shown otherwise: only two decoders are asked, the size is judged before anything is decoded,
and what came with the picture (positions, names, programs behind its end) does not come out again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

MOST_UPLOADED_BYTES = 1024 * 1024
MOST_KEPT_BYTES = 100_000
LONGEST_SIDE = 10_000
MOST_PIXELS = 8_000_000
"""A picture of this many pixels takes 32 MB while it is decoded."""

SHORTEST_SIDE = 16
MOST_TIMES_AS_LONG = 8
BOX = (480, 160)
"""Three times the largest size in which a logo is shown, for screens that have so many pixels."""

_SPARE_COLOURS_FROM = 50_000
_FORMATS = ("PNG", "JPEG")
_KINDS = ("PNG", "JPEG", "MPO")
"""What these two decoders make; several pictures in one JPEG, as some phones write them, count by their first."""


class NoLogo(ValueError):
    """Why a file cannot be a logo; `fault` is one of empty, large, kind, damaged, moving, small, vast, long."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"this file cannot be a logo: {fault}")
        self.fault = fault


@dataclass(frozen=True)
class Drawn:
    """A logo as it is kept: a PNG, its size in pixels, and the digest that its address carries."""

    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """The first half of the content's SHA-256, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def draw_logo(upload: bytes) -> Drawn:
    """The logo in an uploaded PNG or JPEG, upright, at most as large as BOX. Raises NoLogo."""
    if not upload:
        raise NoLogo("empty")
    if len(upload) > MOST_UPLOADED_BYTES:
        raise NoLogo("large")
    picture = _upright(_opened(upload))
    picture.thumbnail(BOX, Image.Resampling.LANCZOS)
    content = _written(picture)
    if len(content) > _SPARE_COLOURS_FROM:
        content = _written(picture.quantize(256, Image.Quantize.FASTOCTREE))
    return Drawn(content, *picture.size)


def fit(width: int, height: int, most_width: int, most_height: int) -> tuple[int, int]:
    """The size in which a picture is shown: as large as this box lets it be, its shape kept."""
    scale = min(most_width / width, most_height / height, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _opened(upload: bytes) -> Image.Image:
    """The picture with its size and kind read, not yet decoded."""
    try:
        picture = Image.open(BytesIO(upload), formats=_FORMATS)
        is_moving = picture.format == "PNG" and getattr(picture, "n_frames", 1) > 1
    except Image.DecompressionBombError as error:
        raise NoLogo("vast") from error
    except Exception as error:  # decoders fail in many ways on what was made to break them
        raise NoLogo("kind") from error
    width, height = picture.size
    if picture.format not in _KINDS:
        raise NoLogo("kind")
    if is_moving:
        raise NoLogo("moving")
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise NoLogo("vast")
    if min(width, height) < SHORTEST_SIDE:
        raise NoLogo("small")
    if max(width, height) > MOST_TIMES_AS_LONG * min(width, height):
        raise NoLogo("long")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """The decoded picture as people look at it, in red, green, blue and how opaque it is."""
    try:
        turned = ImageOps.exif_transpose(picture)
        if turned.mode.startswith("I"):
            # Sixteen bits of grey would be cut off at white instead of being made eight.
            turned = turned.point(lambda grey: grey / 257).convert("L")
        return turned.convert("RGBA")
    except Exception as error:  # see _opened
        raise NoLogo("damaged") from error


def _written(picture: Image.Image) -> bytes:
    """The pixels as a PNG. They are copied first, because a picture takes along what its file said of it."""
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if picture.mode == "P":
        bare.putpalette(picture.getpalette("RGBA") or [], "RGBA")
    kept = BytesIO()
    bare.save(kept, "PNG", optimize=True)
    return kept.getvalue()
