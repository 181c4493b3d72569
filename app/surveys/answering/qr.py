"""The QR code of an address, ready for print: error level Q, four modules of quiet zone, the address below in text."""

from __future__ import annotations

import io
from html import escape

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_Q

QUIET = 4
"""Modules of white on each side: less, and some cameras do not find the code."""
_CAPTION = 4
"""Modules of height for the address, which stands below the quiet zone."""
_BASELINE = 2.5
_WIDEST = 0.62
"""Width of a character of the address, in its font size."""
_PIXELS = 24
"""Of one module in the PNG: with 37 modules it prints at 300 dpi on 7 cm."""

Matrix = list[list[bool]]


def matrix_of(address: str) -> Matrix:
    """The modules of the code, row by row, quiet zone included; True is dark."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=QUIET)
    code.add_data(address)
    code.make(fit=True)
    matrix: Matrix = code.get_matrix()
    return matrix


def svg_of(address: str) -> str:
    """The code as SVG, one unit to the module; dark on white whatever it stands on."""
    matrix = matrix_of(address)
    size, height = len(matrix), len(matrix) + _CAPTION
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {height}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{height}H0z"/><path d="{dark}"/>'
        f'<text x="{size / 2}" y="{size + _BASELINE}" font-size="{_font_size(address, size):.2f}" '
        f'font-family="sans-serif" text-anchor="middle">{escape(address)}</text></svg>'
    )


def png_of(address: str) -> bytes:
    """The same as PNG in black and white."""
    matrix = matrix_of(address)
    size = len(matrix) * _PIXELS
    image = Image.new("1", (size, size + _CAPTION * _PIXELS), 1)
    draw = ImageDraw.Draw(image)
    for y, row in enumerate(matrix):
        for x, is_dark in enumerate(row):
            if is_dark:
                draw.rectangle((x * _PIXELS, y * _PIXELS, (x + 1) * _PIXELS - 1, (y + 1) * _PIXELS - 1), fill=0)
    font = ImageFont.load_default(_font_size(address, len(matrix)) * _PIXELS)
    draw.text((size / 2, size + _BASELINE * _PIXELS), address, fill=0, font=font, anchor="ms")
    written = io.BytesIO()
    image.save(written, "PNG", dpi=(300, 300), optimize=True)
    return written.getvalue()


def _font_size(address: str, width: int) -> float:
    """In modules: as large as the address can be in one line."""
    return min(2.0, (width - 2) / (len(address) * _WIDEST))
