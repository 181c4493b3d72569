"""What customers of the demo shop wrote in English, by what they met and how they felt about it."""

from __future__ import annotations

from app.demo.shop.words_en import parcels, people, shop

COMMENTS: dict[tuple[str, str], tuple[str, ...]] = {**parcels.COMMENTS, **shop.COMMENTS, **people.COMMENTS}
