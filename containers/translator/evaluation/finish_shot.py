"""A picture of a page before and after, small enough to be kept until all pages are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from translator.evaluation.truth import TruePage
from translator.pipeline.types import Rgb

_WIDEST, _TALLEST, _QUALITY = 900, 16_383, 78


@dataclass(frozen=True, slots=True)
class Shot:
    """A page as WebP, ``before`` and ``after``, with what is wrong on it."""

    title: str
    before: bytes
    after: bytes
    notes: tuple[str, ...]


def shot(truth: TruePage, before: Rgb, after: Rgb, notes: Sequence[str]) -> Shot:
    """The images are uint8 ``(height, width, 3)`` RGB."""
    return Shot(f"{truth.book} · {truth.name}", _webp(before), _webp(after), tuple(notes))


def _webp(rgb: Rgb) -> bytes:
    image = Image.fromarray(rgb)
    image.thumbnail((_WIDEST, _TALLEST))
    out = BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()
