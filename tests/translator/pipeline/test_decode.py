"""What a page file may be, and what every file that is none gets."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from translator.pipeline.decode import decode_page
from translator.pipeline.protocols import StageError

RED = (200, 30, 40)


def saved(image: Image.Image, format: str, **options: object) -> bytes:  # noqa: A002
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 60)) -> Image.Image:
    return Image.new("RGB", size, RED).convert(mode)


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(StageError) as caught:
        decode_page(data, 1, **limits)
    assert caught.value.stage == "decode"
    return caught.value.code


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "BMP", "GIF", "AVIF", "JPEG"])
def test_each_page_format_becomes_rgb(format_: str) -> None:
    page = decode_page(saved(picture(), format_), 7)
    assert page.rgb.shape == (60, 40, 3)
    assert page.rgb.dtype == np.uint8
    assert page.number == 7
    assert np.abs(page.rgb.astype(int) - RED).max() <= 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_each_colour_mode_becomes_rgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((60, 40), 0x8000, np.uint16))
    else:
        image = picture(mode)
    data = saved(image, "JPEG" if mode == "CMYK" else "PNG")
    page = decode_page(data, 1)
    assert page.rgb.shape == (60, 40, 3)
    if mode == "I;16":
        assert set(np.unique(page.rgb)) == {128}


def test_a_transparent_page_is_laid_on_white() -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert (decode_page(saved(image, "PNG"), 1).rgb == 255).all()


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    image = Image.new("P", (8, 8), 3)
    image.putpalette([0, 0, 0] * 256)
    assert (decode_page(saved(image, "PNG", transparency=3), 1).rgb == 255).all()


def test_a_photograph_turned_by_exif_stands_upright() -> None:
    image = Image.new("RGB", (40, 20), (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    page = decode_page(saved(image, "PNG", exif=exif.tobytes()), 1)
    assert page.rgb.shape == (40, 20, 3)
    assert page.rgb[2, 10].max() == 0
    assert page.rgb[38, 10].min() == 255


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_broken_exif_block_does_not_cost_the_page() -> None:
    data = saved(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode_page(data, 1).rgb.shape == (60, 40, 3)


def test_the_first_frame_of_an_animation_is_the_page() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((0, 0, 0), (255, 255, 255))]
    for format_ in ("GIF", "WEBP", "PNG"):
        options = {"save_all": True, "append_images": frames[1:]}
        assert decode_page(saved(frames[0], format_, **options), 1).rgb.max() <= 2


def test_one_pixel_is_a_page() -> None:
    assert decode_page(saved(picture(size=(1, 1)), "PNG"), 1).rgb.shape == (1, 1, 3)


def test_an_empty_file_is_an_empty_page() -> None:
    assert code_of(b"") == "empty_page"


@pytest.mark.parametrize("data", [b"hello", b"\0" * 100, b"<html></html>", b"{}", b"PK\x03\x04" + b"\0" * 40])
def test_other_bytes_are_not_an_image(data: bytes) -> None:
    assert code_of(data) == "not_an_image"


@pytest.mark.parametrize(
    "data",
    [
        saved(picture(), "TIFF"),
        saved(picture(), "ICO"),
        b"8BPS\0\1" + b"\0" * 40,
        b"\0\0\0\x18ftypheic" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
    ],
)
def test_an_image_that_no_page_may_be_is_unsupported(data: bytes) -> None:
    assert code_of(data) == "unsupported_image"


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.04, 0.5, 0.9])
def test_a_file_cut_off_is_truncated(format_: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 90, 3), np.uint8)
    data = saved(Image.fromarray(noise), format_)
    assert code_of(data[: max(12, int(len(data) * share))]) == "truncated_image"


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its few bytes hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(9000, 9000), (10_000, 10_000), (20_000, 20_000), (31_000, 10), (10, 31_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_pixel_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    assert code_of(bomb(*size)) == "image_too_large"


def test_the_limits_are_the_callers() -> None:
    data = saved(picture(), "PNG")
    assert code_of(data, max_pixels=2399) == "image_too_large"
    assert code_of(data, max_side=59) == "image_too_large"
    assert decode_page(data, 1, max_pixels=2400, max_side=60).rgb.shape == (60, 40, 3)


def test_a_strip_of_14000_pixels_is_a_page() -> None:
    assert decode_page(saved(picture("L", (80, 14_000)), "PNG"), 1).rgb.shape == (14_000, 80, 3)


SEEDS = [saved(picture(), format_) for format_ in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12))
def test_damage_anywhere_ends_in_a_page_or_in_our_error(data: bytes, damage: list[tuple[int, int]]) -> None:
    spoilt = bytearray(data)
    for place, value in damage:
        spoilt[place % len(spoilt)] = value
    outcome = outcome_of(bytes(spoilt))
    assert outcome in {"page", "not_an_image", "truncated_image", "unsupported_image", "image_too_large"}


def outcome_of(data: bytes) -> str:
    try:
        page = decode_page(data, 1, max_pixels=1_000_000)
    except StageError as error:
        return error.code
    return "page" if page.rgb.dtype == np.uint8 and page.rgb.ndim == 3 else "no page"


def test_an_errors_detail_is_about_the_image_and_not_about_python_objects() -> None:
    with pytest.raises(StageError) as caught:
        decode_page(b"<html>no image</html>", 1)
    assert "object at" not in caught.value.detail
    assert "cannot identify image file" in caught.value.detail
