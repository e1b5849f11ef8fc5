"""What a file is by its first bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edge.sniff import SNIFFED_BYTES, image_type


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
        ("BMP", "image/bmp"),
    ],
)
def test_every_accepted_format_is_known_by_what_an_encoder_writes(kind: str, content_type: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (5, 7)).save(out, kind)
    assert image_type(out.getvalue()[:SNIFFED_BYTES]) == content_type


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"\x89PNG",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"RIFF",
        b"BM",
        b"BM and no more than text",
        b"GIF90a",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<!doctype html>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        b"II*\x00",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"\x00\x00\x00\x0cftypheic\x00\x00\x00\x00avif",
        b"\x00\x00\x00\x00ftyp",
    ],
)
def test_what_is_of_no_accepted_format_is_none(head: bytes) -> None:
    assert image_type(head) is None


def test_an_avif_may_name_itself_among_its_compatible_brands() -> None:
    assert image_type(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "image/avif"


@given(st.binary(max_size=SNIFFED_BYTES))
def test_no_bytes_break_it(head: bytes) -> None:
    assert image_type(head) in {None, "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/bmp"}
