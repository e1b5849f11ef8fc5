"""Encoded pages come back as they were, in the format they say."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from translator.pipeline.encode import encode_page
from translator.pipeline.protocols import StageError

SIGNATURES = {"webp": b"RIFF", "png": b"\x89PNG", "jpg": b"\xff\xd8\xff"}
TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}


def page() -> np.ndarray:
    ramp = np.linspace(0, 255, 90, dtype=np.uint8)
    return np.stack([np.tile(ramp, (120, 1))] * 3, axis=2)


@pytest.mark.parametrize("name", ["webp", "png", "jpg"])
def test_a_page_is_encoded_as_asked(name: str) -> None:
    encoded = encode_page(page(), name)
    assert encoded.data.startswith(SIGNATURES[name])
    assert (encoded.format, encoded.content_type, encoded.warnings) == (name, TYPES[name], ())
    back = np.asarray(Image.open(io.BytesIO(encoded.data)).convert("RGB")).astype(int)
    assert np.abs(back - page()).max() <= (0 if name == "png" else 12)


def test_jpeg_is_another_name_of_jpg() -> None:
    assert encode_page(page(), "JPEG").format == "jpg"


def test_the_same_page_gives_the_same_bytes() -> None:
    assert encode_page(page()).data == encode_page(page()).data


def test_a_page_higher_than_webp_can_hold_becomes_png_with_a_warning() -> None:
    encoded = encode_page(np.full((16_384, 4, 3), 255, np.uint8), "webp")
    assert encoded.format == "png"
    assert encoded.content_type == "image/png"
    assert "16384" in encoded.warnings[0]


def test_the_highest_page_that_webp_holds_stays_webp() -> None:
    assert encode_page(np.full((16_383, 4, 3), 255, np.uint8), "webp").format == "webp"


def test_a_format_that_we_do_not_write_is_an_error() -> None:
    with pytest.raises(StageError) as caught:
        encode_page(page(), "tiff")
    assert (caught.value.stage, caught.value.code) == ("encode", "stage_failed")
