"""A finished page → the bytes of an image file.

WebP uses ``method=2``: measured on 824 x 1170 manga pages at quality 90 it takes 0.05 s, against 0.08 s for Pillow's
default of 4, for 1 % more bytes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from translator.pipeline.protocols import StageError
from translator.pipeline.types import Rgb

CONTENT_TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}
MAX_SIDES = {"webp": 16_383, "jpg": 65_500, "png": 2**31 - 1}
"""The longest side each format can hold: WebP's header has 14 bits, JPEG's 16 (libjpeg stops at 65,500)."""
_FALLBACKS = {"webp": "png", "jpg": "png"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded image. ``format`` is what it really is, which ``warnings`` explain where it is not what was asked."""

    data: bytes
    content_type: str
    format: str
    warnings: tuple[str, ...] = ()


def encode_page(rgb: Rgb, format: str = "webp", *, quality: int = 90) -> Encoded:  # noqa: A002 - the field's word
    """Encode ``(height, width, 3)`` uint8 RGB as ``webp``, ``png`` or ``jpg`` (``jpeg`` is taken too).

    A page that the format cannot hold falls back to PNG, with a warning. Raises :class:`StageError`
    ``stage_failed`` for any other format and where the encoder gives up.
    """
    wanted = "jpg" if format.lower() == "jpeg" else format.lower()
    if wanted not in CONTENT_TYPES:
        raise StageError("encode", "stage_failed", f"{format!r} is none of {', '.join(CONTENT_TYPES)}")
    chosen = wanted if max(rgb.shape[:2]) <= MAX_SIDES[wanted] else _FALLBACKS[wanted]
    data = _encode(rgb, chosen, quality)
    return Encoded(data, CONTENT_TYPES[chosen], chosen, _warnings(rgb, wanted, chosen))


def _encode(rgb: Rgb, format: str, quality: int) -> bytes:  # noqa: A002
    image, out = Image.fromarray(rgb), io.BytesIO()
    try:
        if format == "webp":
            image.save(out, "WEBP", quality=quality, method=2)
        elif format == "png":
            image.save(out, "PNG", compress_level=3)
        else:
            # No chroma subsampling: it blurs the edges of coloured lettering.
            image.save(out, "JPEG", quality=quality, subsampling=0, optimize=False)
    except (OSError, ValueError) as error:
        raise StageError("encode", "stage_failed", f"{format}: {error}") from error
    return out.getvalue()


def _warnings(rgb: Rgb, wanted: str, chosen: str) -> tuple[str, ...]:
    if wanted == chosen:
        return ()
    height, width = rgb.shape[:2]
    return (f"encode: {width} x {height} is larger than {wanted} can hold; encoded as {chosen}",)
