"""Small pages for the tests."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

from fukidashi.chapter import SourcePage


def png(width: int = 120, height: int = 170, *, colour: str = "white", text: str = "") -> bytes:
    """A page."""
    image = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(image).text((10, 10), text, fill="black")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def webp(width: int = 120, height: int = 170) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (width, height), "lightblue").save(stream, "WEBP")
    return stream.getvalue()


def content(page: SourcePage) -> bytes:
    """A page's bytes, which are at hand."""
    assert page.read is not None
    return page.read()
