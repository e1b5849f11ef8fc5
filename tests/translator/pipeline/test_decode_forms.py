"""Every form that a page file may have gives the same pixels, the right way up."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.translator.pipeline.icc import grey, turned
from translator.pipeline.decode import decode_page
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Rgb

WIDTH, HEIGHT = 60, 90


def drawn() -> Image.Image:
    """A grey page on which no corner is like another: black at the top left, grey at the top right."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    image.paste(0, (0, 0, 20, 30))
    image.paste(136, (40, 0, 60, 30))
    image.paste(0, (0, 75, 10, 90))
    return image


def coloured() -> Image.Image:
    image = drawn().convert("RGB")
    image.paste((200, 30, 40), (20, 40, 40, 60))
    return image


def saved(image: Image.Image, format_: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **how)
    return out.getvalue()


def assert_like(got: Rgb, wanted: Image.Image, *, within: int = 0) -> None:
    expected = np.asarray(wanted.convert("RGB")).astype(int)
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).max() <= within


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def deep_png(values: np.ndarray, colour_type: int) -> bytes:
    """A PNG of 16 bits a channel; ``values`` are ``(h, w, channels)``, 0 to 65535."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep(image: Image.Image, *, alpha: bool = False) -> np.ndarray:
    values = np.asarray(image).astype(np.uint32).reshape(image.height, image.width, -1) * 257
    return np.concatenate([values, np.full_like(values[:, :, :1], 65535)], axis=2) if alpha else values


def several(format_: str, **how: object) -> bytes:
    frames = [Image.new("RGB", (WIDTH, HEIGHT), (0, 0, 255)) for _ in range(2)]
    return saved(coloured(), format_, save_all=True, append_images=frames, **how)


FORMS: dict[str, Callable[[], tuple[bytes, Image.Image, int]]] = {
    "1-bit PNG": lambda: (
        saved(drawn().convert("1", dither=Image.Dither.NONE), "PNG"),
        drawn().convert("1", dither=Image.Dither.NONE),
        0,
    ),
    "grey PNG": lambda: (saved(drawn(), "PNG"), drawn(), 0),
    "grey and alpha PNG": lambda: (saved(drawn().convert("LA"), "PNG"), drawn(), 0),
    "colour PNG": lambda: (saved(coloured(), "PNG"), coloured(), 0),
    "colour and alpha PNG": lambda: (saved(coloured().convert("RGBA"), "PNG"), coloured(), 0),
    "palette PNG": lambda: (saved(coloured().quantize(8), "PNG"), coloured(), 4),
    "palette PNG of 2 bits": lambda: (saved(drawn().quantize(3), "PNG", bits=2), drawn(), 4),
    "16-bit grey PNG": lambda: (deep_png(deep(drawn()), 0), drawn(), 0),
    "16-bit grey and alpha PNG": lambda: (deep_png(deep(drawn(), alpha=True), 4), drawn(), 0),
    "16-bit colour PNG": lambda: (deep_png(deep(coloured()), 2), coloured(), 0),
    "16-bit colour and alpha PNG": lambda: (deep_png(deep(coloured(), alpha=True), 6), coloured(), 0),
    "animated PNG": lambda: (several("PNG"), coloured(), 0),
    "GIF": lambda: (saved(coloured(), "GIF"), coloured(), 4),
    "interlaced GIF": lambda: (saved(coloured(), "GIF", interlace=1), coloured(), 4),
    "animated GIF": lambda: (several("GIF", duration=100), coloured(), 4),
    "grey JPEG": lambda: (saved(drawn(), "JPEG", quality=98), drawn(), 12),
    "JPEG": lambda: (saved(coloured(), "JPEG", quality=98, subsampling=0), coloured(), 16),
    "progressive JPEG": lambda: (
        saved(coloured(), "JPEG", quality=98, subsampling=0, progressive=True),
        coloured(),
        16,
    ),
    "CMYK JPEG": lambda: (saved(coloured().convert("CMYK"), "JPEG", quality=98), coloured(), 24),
    "JPEG of several pictures": lambda: (several("MPO", quality=98, subsampling=0), coloured(), 16),
    "WebP": lambda: (saved(coloured(), "WEBP", lossless=True), coloured(), 0),
    "WebP with alpha": lambda: (saved(coloured().convert("RGBA"), "WEBP", lossless=True), coloured(), 0),
    "animated WebP": lambda: (several("WEBP", lossless=True), coloured(), 0),
    "AVIF": lambda: (saved(coloured(), "AVIF", quality=98, subsampling="4:4:4"), coloured(), 16),
    "BMP": lambda: (saved(coloured(), "BMP"), coloured(), 0),
    "grey BMP": lambda: (saved(drawn(), "BMP"), drawn(), 0),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_the_pixels_that_were_put_in(form: str) -> None:
    data, wanted, within = FORMS[form]()
    page = decode_page(data, 1)
    assert page.rgb.dtype == np.uint8
    assert page.rgb.flags.c_contiguous
    assert_like(page.rgb, wanted, within=within)


TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera has stored what was upright; the decoder's turn is the inverse."""


def stored(turn: int, image: Image.Image) -> tuple[Image.Image, bytes]:
    exif, how = Image.Exif(), TURNS[turn]
    exif[0x0112] = turn
    return image if how is None else image.transpose(how), exif.tobytes()


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("format_", "within"), [("PNG", 0), ("WEBP", 0), ("JPEG", 16)], ids=["PNG", "WEBP", "JPEG"])
def test_a_page_stored_turned_or_mirrored_stands_upright(turn: int, format_: str, within: int) -> None:
    image, exif = stored(turn, coloured())
    options: dict[str, dict[str, object]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}
    how = options.get(format_, {})
    assert_like(decode_page(saved(image, format_, exif=exif, **how), 1).rgb, coloured(), within=within)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_a_turned_page_of_any_mode_stands_upright(mode: str) -> None:
    image, exif = stored(6, drawn())
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    else:
        image = image.convert(mode, dither=Image.Dither.NONE)
    wanted = drawn().convert("1", dither=Image.Dither.NONE) if mode == "1" else drawn()
    assert_like(decode_page(saved(image, "PNG", exif=exif), 1).rgb, wanted)


@pytest.mark.parametrize("turn", [0, 9, 300])
def test_a_turn_that_is_none_turns_nothing(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    assert_like(decode_page(saved(coloured(), "PNG", exif=exif.tobytes()), 1).rgb, coloured())


@pytest.mark.parametrize("level", [0, 1, 200, 255])
def test_a_16_bit_page_that_is_nearly_black_stays_so(level: int) -> None:
    data = saved(Image.fromarray(np.full((8, 8), level, np.uint16)), "PNG")
    assert decode_page(data, 1).rgb.max() <= 1


def test_half_transparent_ink_on_nothing_is_grey_on_white() -> None:
    layer = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert set(np.unique(decode_page(saved(layer, "PNG"), 1).rgb)) == {127}


def test_ink_on_a_transparent_grey_page_keeps_its_grey() -> None:
    layer = Image.new("LA", (8, 8), (40, 0))
    layer.paste((40, 255), (0, 0, 4, 8))
    rgb = decode_page(saved(layer, "PNG"), 1).rgb
    assert (rgb[:, :4] == 40).all()
    assert (rgb[:, 4:] == 255).all()


def test_the_first_picture_of_an_animation_is_whole_where_the_next_ones_are_patches() -> None:
    patch = coloured()
    patch.paste((0, 255, 0), (5, 5, 9, 9))
    data = saved(coloured(), "GIF", save_all=True, append_images=[patch], optimize=True)
    assert_like(decode_page(data, 1).rgb, coloured(), within=4)


def test_colours_are_what_the_profile_means() -> None:
    stored_as = Image.new("RGB", (8, 8), (0, 255, 0))
    rgb = decode_page(saved(stored_as, "PNG", icc_profile=turned()), 1).rgb
    assert_like(rgb, Image.new("RGB", (8, 8), (255, 0, 0)), within=6)


def test_greys_are_what_the_profile_means() -> None:
    rgb = decode_page(saved(Image.new("L", (8, 8), 128), "PNG", icc_profile=grey(1.0)), 1).rgb
    assert np.abs(rgb.astype(int) - 188).max() <= 3


def test_a_profile_counts_for_a_palette_and_under_transparency_too() -> None:
    stored_as = Image.new("RGB", (8, 8), (0, 255, 0))
    for image in (stored_as.quantize(2), stored_as.convert("RGBA")):
        rgb = decode_page(saved(image, "PNG", icc_profile=turned()), 1).rgb
        assert_like(rgb, Image.new("RGB", (8, 8), (255, 0, 0)), within=6)


@pytest.mark.parametrize("profile", [b"x", b"\0" * 200, turned()[:150], turned()[:-40], turned()[:128] + b"\xff" * 60])
def test_a_broken_profile_does_not_cost_the_page(profile: bytes) -> None:
    rgb = decode_page(saved(coloured(), "PNG", icc_profile=profile), 1).rgb
    assert rgb.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("image", [drawn(), drawn().convert("CMYK")], ids=["grey", "CMYK"])
def test_a_profile_of_another_colour_space_is_left_aside(image: Image.Image) -> None:
    format_, how = ("JPEG", {"quality": 98}) if image.mode == "CMYK" else ("PNG", {})
    assert_like(decode_page(saved(image, format_, icc_profile=turned(), **how), 1).rgb, drawn(), within=24)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (300, 20_000), (20_000, 300), (20_000, 4_000)])
def test_a_page_may_be_tiny_or_very_long(size: tuple[int, int]) -> None:
    image = Image.new("L", size, 255)
    image.putpixel((size[0] - 1, size[1] - 1), 0)
    rgb = decode_page(saved(image, "PNG", compress_level=1), 1).rgb
    assert rgb.shape == (size[1], size[0], 3)
    assert rgb[-1, -1].max() == 0


@pytest.mark.parametrize("turn", [5, 6, 7, 8])
def test_the_limit_of_a_side_holds_for_a_turned_page(turn: int) -> None:
    image, exif = stored(turn, Image.new("L", (100, 50), 255))
    with pytest.raises(StageError) as caught:
        decode_page(saved(image, "PNG", exif=exif), 1, max_side=99)
    assert caught.value.code == "image_too_large"


CUT = {
    "progressive JPEG": saved(coloured(), "JPEG", quality=98, progressive=True),
    "CMYK JPEG": saved(coloured().convert("CMYK"), "JPEG"),
    "animated GIF": several("GIF"),
    "animated WebP": several("WEBP"),
    "animated PNG": several("PNG"),
    "JPEG of several pictures": several("MPO"),
    "16-bit PNG": deep_png(deep(coloured()), 2),
}


@pytest.mark.parametrize("form", CUT)
def test_a_file_cut_off_in_its_first_picture_is_truncated(form: str) -> None:
    with pytest.raises(StageError) as caught:
        decode_page(CUT[form][: len(CUT[form]) // 8], 1)
    assert caught.value.code == "truncated_image"


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "JPEG"])
def test_a_bomb_of_another_format_is_refused_by_its_header(format_: str) -> None:
    data = bytearray(saved(Image.new("L", (16, 16), 255), format_, **({"lossless": True} if format_ == "WEBP" else {})))
    if format_ == "GIF":
        data[6:10] = struct.pack("<HH", 65_535, 65_535)
    elif format_ == "WEBP":
        at = data.index(b"VP8L") + 9
        data[at : at + 4] = struct.pack("<I", (16_383) | (16_383 << 14))
    else:
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", 65_500, 65_500)
    with pytest.raises(StageError) as caught:
        decode_page(bytes(data), 1)
    assert caught.value.code == "image_too_large"


def test_what_exif_turns_is_what_pillow_turns() -> None:
    for turn in TURNS:
        image, exif = stored(turn, coloured())
        data = saved(image, "PNG", exif=exif)
        with Image.open(io.BytesIO(data)) as opened:
            assert_like(decode_page(data, 1).rgb, ImageOps.exif_transpose(opened))
