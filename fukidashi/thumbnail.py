"""Decoding pages for the contact sheet: any input, small, RGB, and nothing that a hostile file could do with it."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

MAX_PIXELS = 120_000_000
TALLEST = 2.2
"""Of a strip that is taller than this many times its width, the beginning is shown."""


def thumbnail(content: bytes, *, width: int, height: int) -> Image.Image | None:
    """The page within ``width`` x ``height``, RGB; ``None`` where it is no image that can be shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                image.draft("RGB", (width * 2, height * 2))
                return _fit(_upright(image), width, height)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
            # What Pillow's decoders raise for damaged files; SyntaxError comes from its PNG reader.
            return None


def _upright(image: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith("I;16"):
        # Pillow clips 16 bits on conversion instead of scaling them.
        turned = turned.convert("I").point(lambda value: value / 257).convert("L")
    if "A" in turned.getbands() or "transparency" in turned.info:
        paper = Image.new("RGBA", turned.size, "white")
        paper.alpha_composite(turned.convert("RGBA"))
        turned = paper
    return turned.convert("RGB")


def _fit(image: Image.Image, width: int, height: int) -> Image.Image:
    if image.height > image.width * TALLEST:
        image = image.crop((0, 0, image.width, max(1, int(image.width * TALLEST))))
    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
