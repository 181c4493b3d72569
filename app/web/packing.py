"""Packing an answer that many browsers ask for: as small as it gets, and packed once for all who get the same."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli
from flask import Response, request

# The smallest of a browser's choice comes first; they take brotli over https alone.
_CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT),
    "gzip": lambda body: gzip.compress(body, mtime=0),
}


def pack(response: Response) -> None:
    """Pack the body in the best way that this request's browser can unpack, if there is one."""
    response.vary.add("Accept-Encoding")
    coding = next((coding for coding in _CODINGS if request.accept_encodings.quality(coding) > 0), None)
    if coding is not None:
        response.set_data(_packed(response.get_data(), coding))
        response.headers["Content-Encoding"] = coding


@lru_cache(maxsize=256)
def _packed(body: bytes, coding: str) -> bytes:
    return _CODINGS[coding](body)
