"""Bytes of an image file → :class:`Page`.

What comes in is untrusted: the size is checked in the header before a pixel is decoded, only raster formats that a
page may have are tried, and every failure ends in a :class:`StageError` of the stage ``decode``.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from translator.pipeline.protocols import StageError
from translator.pipeline.types import Page, Rgb

MAX_PIXELS = 80_000_000
MAX_SIDE = 30_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP")
_ORIENTATION = 0x0112
_FILE_OBJECT = re.compile(r" ?<_io\.[^>]*>")
# What Pillow's decoders raise on damaged files: its own errors are OSError and SyntaxError, the others leak from
# its parsers (struct fields, tables, zlib); it warns of broken EXIF, which is an error where warnings are.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    Warning,
)
_PROFILED = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}
"""The colour space that a profile must be of, to say what an image of this mode means."""
_OURS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM")
_OTHERS = (
    b"II*\0",
    b"MM\0*",
    b"8BPS",
    b"\0\0\0\x0cJXL ",
    b"\xff\x0a",
    b"\0\0\0\x0cjP  ",
    b"\0\0\1\0",
    b"%PDF",
    b"gimp",
)
_AVIF_BRANDS = (b"avif", b"avis")


def decode_page(
    data: bytes,
    number: int,
    *,
    max_pixels: int = MAX_PIXELS,
    max_side: int = MAX_SIDE,
) -> Page:
    """Decode the first frame of an image file into an upright 8-bit sRGB page; alpha is laid on white.

    Raises :class:`StageError` with ``empty_page`` (0 bytes), ``not_an_image``, ``unsupported_image`` (an image, but
    not of :data:`FORMATS`), ``truncated_image`` (cut off or damaged) or ``image_too_large``.
    """
    if not data:
        raise _error("empty_page", "the file has 0 bytes")
    image = _open(data)
    with image:
        _check_size(image.size, max_pixels=max_pixels, max_side=max_side)
        try:
            image.load()
            rgb = _upright_rgb(image)
        except _DECODER_ERRORS as error:
            raise _error("truncated_image", _words(error)) from error
    return Page(number=number, rgb=rgb)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _error("image_too_large", _words(error)) from error
    except _DECODER_ERRORS as error:
        code = _code_of_unreadable(data)
        raise _error(code, _words(error)) from error


def _code_of_unreadable(data: bytes) -> str:
    head = data[:64]
    if head[4:8] == b"ftyp":
        return "truncated_image" if head[8:12] in _AVIF_BRANDS else "unsupported_image"
    if head.startswith(_OURS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "truncated_image"
    if head.startswith(_OTHERS) or b"<svg" in data[:512]:
        return "unsupported_image"
    return "not_an_image"


def _check_size(size: tuple[int, int], *, max_pixels: int, max_side: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise _error("truncated_image", f"the header says {width} x {height} pixels")
    if max(size) > max_side or width * height > max_pixels:
        limit = f"{max_side} a side and {max_pixels} pixels"
        raise _error("image_too_large", f"{width} x {height} is over the limit of {limit}")


def _upright_rgb(image: Image.Image) -> Rgb:
    turn = _orientation(image)
    flat = _to_rgb(image)
    if turn != 1:
        exif = Image.Exif()
        exif[_ORIENTATION] = turn
        flat.info["exif"] = exif.tobytes()
        flat = ImageOps.exif_transpose(flat)
    return np.ascontiguousarray(np.asarray(flat, dtype=np.uint8))


def _orientation(image: Image.Image) -> int:
    """1 to 8; a broken EXIF block never costs the page."""
    try:
        turn = image.getexif().get(_ORIENTATION, 1)
    except _DECODER_ERRORS:
        return 1
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return _as_srgb(Image.fromarray(_high_bytes(np.asarray(image))), image.info).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return _as_srgb(Image.alpha_composite(white, layer).convert("RGB"), image.info)
    if image.mode in _PROFILED:
        return _as_srgb(image, image.info).convert("RGB")
    return _as_srgb(image.convert("RGB"), image.info)


def _as_srgb(image: Image.Image, info: Mapping[str | tuple[int, int], Any]) -> Image.Image:
    """The colours that the file's ICC profile means; the numbers as they stand where it has none that can be used."""
    data = info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return image
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        # A grey scan with the profile of its colour scanner is as grey as without it.
        if profile.profile.xcolor_space != _PROFILED[image.mode] or "sRGB" in (
            profile.profile.profile_description or ""
        ):
            return image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, *_DECODER_ERRORS):
        return image
    return image if converted is None else converted


def _high_bytes(values: np.ndarray) -> np.ndarray:
    """16-bit grey to 8 bits: 0 to 65535 become 0 to 255."""
    return np.clip(np.rint(values / 257.0), 0, 255).astype(np.uint8)


def _words(error: BaseException) -> str:
    # Pillow names the file object that it was given; its address tells nobody anything.
    return _FILE_OBJECT.sub("", f"{type(error).__name__}: {error}")[:200]


def _error(code: str, detail: str) -> StageError:
    return StageError("decode", code, detail)
