"""Archives, contact sheets and thumbnails."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from fukidashi.cbz import CbzEntry, write_cbz
from fukidashi.comic_info import translated
from fukidashi.contact_sheet import PAIRS_A_SHEET, Pair, contact_sheets
from fukidashi.eta import Eta, clock_text
from fukidashi.thumbnail import thumbnail
from tests.fukidashi.pages import png


def pair(after: bytes | None = b"", *, before: bytes = b"", title: str = "1  a.png", detail: str = "2 texts") -> Pair:
    return Pair(title, detail, lambda: before or png(), None if after is None else lambda: after or png())


def sizes(sheets: list[bytes]) -> list[tuple[int, int]]:
    return [Image.open(io.BytesIO(sheet)).size for sheet in sheets]


@pytest.mark.parametrize("pages", [1, 2, 6, 7, 18, 19, 40, 48])
def test_a_sheet_stays_within_what_webp_and_a_screen_take(pages: int) -> None:
    ((width, height),) = sizes(contact_sheets("chapter", "ja > en", [pair()] * pages))
    assert 1000 <= width <= 2800
    assert 600 <= height <= 7000


def test_a_long_chapter_gets_several_sheets() -> None:
    assert len(contact_sheets("chapter", "", [pair()] * (PAIRS_A_SHEET + 1))) == 2


def test_before_stands_left_and_after_right() -> None:
    pages = pair(png(colour="blue"), before=png(colour="red"))
    (sheet,) = contact_sheets("chapter", "", [pages])
    image = Image.open(io.BytesIO(sheet)).convert("RGB")
    y = image.height // 2
    red, _, blue = image.getpixel((image.width // 4, y)), None, image.getpixel((image.width * 3 // 4, y))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert red[0] > 200 > red[2]
    assert blue[2] > 200 > blue[0]


@pytest.mark.parametrize(
    "hostile",
    [
        pair(None, detail="truncated_image"),
        pair(b"garbage", before=b"garbage"),
        pair(png()[:60], before=png()[:-20]),
        pair(title="9" * 4000, detail="x" * 4000),
        pair(title="第２話\n\x00\u202e", detail=""),
        pair(png(1, 1), before=png(3000, 1)),
        pair(png(400, 8000), before=png(1, 5000)),
    ],
)
def test_hostile_pages_and_names_still_make_a_sheet(hostile: Pair) -> None:
    assert contact_sheets("漫画 " + "x" * 900, "", [hostile])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_image_becomes_rgb(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (60, 90)).save(stream, "PNG")
    image = thumbnail(stream.getvalue(), width=30, height=30)
    assert image is not None
    assert (image.mode, image.size) == ("RGB", (20, 30))


def test_cmyk_and_a_turned_photograph_are_shown_upright() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("CMYK", (90, 60)).save(stream, "JPEG", exif=exif)
    image = thumbnail(stream.getvalue(), width=30, height=30)
    assert image is not None
    assert image.size == (20, 30)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    stream = io.BytesIO()
    Image.new("I;16", (10, 10), 65535 // 2).save(stream, "PNG")
    image = thumbnail(stream.getvalue(), width=10, height=10)
    assert image is not None
    assert image.getpixel((5, 5)) == (127, 127, 127)


def test_a_pixel_bomb_is_not_decoded() -> None:
    stream = io.BytesIO()
    Image.new("1", (16000, 16000)).save(stream, "PNG")
    assert thumbnail(stream.getvalue(), width=30, height=30) is None


def test_the_beginning_of_a_strip_is_shown() -> None:
    image = thumbnail(png(100, 3000), width=300, height=440)
    assert image is not None
    assert image.size == (200, 440)


def test_the_same_pages_make_the_same_archive(tmp_path: Path) -> None:
    for name in ("a.cbz", "b.cbz"):
        write_cbz(tmp_path / name, [CbzEntry("0001.png", png())])
    assert (tmp_path / "a.cbz").read_bytes() == (tmp_path / "b.cbz").read_bytes()
    assert zipfile.is_zipfile(tmp_path / "a.cbz")


def test_an_archive_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_cbz(tmp_path / "a.cbz", [CbzEntry("0001.png", tmp_path / "missing.png")])
    assert list(tmp_path.iterdir()) == []


def test_comic_info_without_a_language_stays_byte_for_byte() -> None:
    garbage = b"<!DOCTYPE x [<!ENTITY a 'b'>]><ComicInfo>\xff</ComicInfo>"
    assert translated(garbage, "en") == garbage


def test_the_time_left_follows_the_pace_of_the_pages() -> None:
    eta = Eta()
    assert eta.seconds_left(0, ended=0, total=10, begun=False) is None
    assert eta.seconds_left(5, ended=0, total=10, begun=True) is None
    assert eta.seconds_left(15, ended=1, total=10, begun=True) == 90
    assert eta.seconds_left(17, ended=2, total=10, begun=True) == 16
    assert eta.seconds_left(33, ended=10, total=10, begun=True) == 0


def test_the_clock_is_read_in_minutes_and_hours() -> None:
    assert [clock_text(seconds) for seconds in (0, 7.4, 760, 3720)] == ["0:00", "0:07", "12:40", "1:02:00"]


@pytest.mark.parametrize("pages", [1, 2, 6, 7, 18, 19, 48])
def test_a_sheet_without_originals_is_about_as_large(pages: int) -> None:
    alone = [Pair("1", "", None, png)] * pages
    ((width, height),) = sizes(contact_sheets("chapter", "ja > en", alone))
    assert 500 <= width <= 2800
    assert 600 <= height <= 7000


def test_an_original_that_is_missing_among_others_is_said_to_be() -> None:
    pages = [pair(png(colour="blue"), before=png(colour="red")), Pair("2", "", None, lambda: png(colour="blue"))]
    (sheet,) = contact_sheets("chapter", "", pages)
    image = Image.open(io.BytesIO(sheet)).convert("RGB")
    reds = sum(count for count, (r, g, b) in image.getcolors(2**24) or [] if r > 200 > max(g, b) + 80)  # type: ignore[misc]
    blues = sum(count for count, (r, g, b) in image.getcolors(2**24) or [] if b > 200 > max(r, g) + 80)  # type: ignore[misc]
    assert blues > 1.8 * reds > 0
