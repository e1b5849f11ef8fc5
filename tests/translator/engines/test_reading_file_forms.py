"""A page says the same to the default engines in whatever form of file it comes."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests.translator.drawn_pages import Sheet
from tests.translator.pipeline.icc import grey
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.pipeline.decode import decode_page

TEXTS = ["今日は雨だ。", "傘がない！"]


def drawn() -> Image.Image:
    """A small page with a text of two columns in a balloon."""
    sheet = Sheet(360, 420)
    sheet.oval((90, 60, 270, 360))
    sheet.columns(TEXTS, right=220, top=120)
    return sheet.image.convert("L")


def saved(image: Image.Image, format_: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **how)
    return out.getvalue()


def turned(orientation: int, how: Image.Transpose) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(drawn().transpose(how), "JPEG", quality=90, exif=exif.tobytes())


def on_nothing() -> bytes:
    """Black ink on full transparency, as drawing programs save it."""
    page = drawn()
    layer = Image.new("LA", page.size, (0, 0))
    layer.putalpha(page.point([255 - level for level in range(256)]))
    return saved(layer, "PNG")


def light(profile_gamma: float) -> bytes:
    """Numbers that are too light or too dark without the profile beside them."""
    levels = [round(255 * (level / 255) ** (2.2 / profile_gamma)) for level in range(256)]
    return saved(drawn().point(levels), "PNG", icc_profile=grey(profile_gamma))


FORMS: dict[str, Callable[[], bytes]] = {
    "two colours": lambda: saved(drawn().convert("1", dither=Image.Dither.NONE), "PNG"),
    "palette": lambda: saved(drawn().quantize(8), "GIF"),
    "16 bits": lambda: saved(Image.fromarray(np.asarray(drawn()).astype(np.uint16) * 257), "PNG"),
    "ink on transparency": on_nothing,
    "CMYK": lambda: saved(drawn().convert("RGB").convert("CMYK"), "JPEG", quality=90),
    "progressive": lambda: saved(drawn(), "JPEG", quality=90, progressive=True),
    "animation": lambda: saved(
        drawn(), "WEBP", lossless=True, save_all=True, append_images=[Image.new("L", (360, 420), 255)]
    ),
    "several pictures": lambda: saved(drawn(), "MPO", save_all=True, append_images=[Image.new("L", (360, 420), 0)]),
    "turned right": lambda: turned(8, Image.Transpose.ROTATE_270),
    "upside down": lambda: turned(3, Image.Transpose.ROTATE_180),
    "mirrored": lambda: turned(2, Image.Transpose.FLIP_LEFT_RIGHT),
    "linear light": lambda: light(1.0),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_text_is_read_the_same(form: str, detector: PpOcrDetector, reader: PpOcrReader) -> None:
    page = decode_page(FORMS[form](), 1)
    assert (page.width, page.height) == (360, 420)
    readings = reader.read(page, detector.detect(page))
    assert [reading.text for reading in readings if reading.text] == ["".join(TEXTS)]
