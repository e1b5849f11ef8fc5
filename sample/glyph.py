"""One character as ink: the forms of vertical setting, pairs set side by side in one cell."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from sample.canvas import Grey
from sample.font import Face, load

PAD_EM = 0.25
"""Room around the em box of a tile, for what sticks out and for turning."""
_TURNED = "…‥―—–"
"""Characters whose vertical form some faces lack: their ink is turned and centred here instead."""


@lru_cache(maxsize=8192)
def tile(face: Face, chars: str, em: int, *, vertical: bool) -> Grey:
    """Coverage of ``chars`` in a square of ``em * (1 + 2 * PAD_EM)`` pixels, read-only.

    Several characters share the cell side by side (tate-chu-yoko).
    """
    pad = round(em * PAD_EM)
    image = Image.new("L", (em + 2 * pad, em + 2 * pad), 0)
    if len(chars) > 1:
        _draw_pair(image, face, chars, em)
    else:
        features = ["vert"] if vertical else []
        xy = (pad + em / 2, pad + em * face.ascent_em)
        ImageDraw.Draw(image).text(xy, chars, font=load(face, em), fill=255, anchor="ms", features=features)
    coverage = np.asarray(image, dtype=np.uint8)
    if vertical and chars in _TURNED:
        coverage = _stand(coverage)
    coverage.setflags(write=False)
    return coverage


def _draw_pair(image: Image.Image, face: Face, chars: str, em: int) -> None:
    """Characters narrowed until they fit the cell's width together, centred in it."""
    parts = [np.asarray(_trimmed(face, char, em)) for char in chars]
    gap = max(1, em // 16)
    room = em * 0.98 - gap * (len(parts) - 1)
    squeeze = min(1.0, room / sum(p.shape[1] for p in parts))
    widths = [max(1, round(p.shape[1] * squeeze)) for p in parts]
    x = (image.width - sum(widths) - gap * (len(parts) - 1)) // 2
    foot = (image.height + max(p.shape[0] for p in parts)) // 2
    for part, width in zip(parts, widths, strict=True):
        glyph = Image.fromarray(part).resize((width, part.shape[0]), Image.Resampling.LANCZOS)
        image.paste(glyph, (x, foot - part.shape[0]))
        x += width + gap


def _trimmed(face: Face, char: str, em: int) -> Image.Image:
    image = Image.new("L", (2 * em, 2 * em), 0)
    ImageDraw.Draw(image).text((em, em * 1.3), char, font=load(face, em), fill=255, anchor="ms")
    return image.crop(image.getbbox())


def _stand(coverage: Grey) -> Grey:
    """The ink turned upright where it lies, then centred in its tile."""
    ys, xs = np.nonzero(coverage)
    if not len(xs):
        return coverage
    ink = coverage[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    if ink.shape[1] > ink.shape[0]:
        ink = np.rot90(ink)
    standing = np.zeros_like(coverage)
    y, x = (standing.shape[0] - ink.shape[0]) // 2, (standing.shape[1] - ink.shape[1]) // 2
    standing[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
    return standing
