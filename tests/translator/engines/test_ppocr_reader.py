"""The default reader on drawn pages: columns, rows, marks that share a cell, furigana, and what cannot be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet, talking_page
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader, ReaderSettings
from translator.pipeline.alphabets import UnknownAlphabetError
from translator.pipeline.types import Balloon, Box, Detection, Kind, Page, Reading, Region, TextLine


def region(*boxes: Box, vertical: bool = True, ruby: tuple[Box, ...] = ()) -> Region:
    lines, small = (tuple(TextLine(box, box.polygon, 0.9) for box in group) for group in (boxes, ruby))
    return Region("r0001", boxes[0], boxes[0].polygon, Kind.DIALOGUE, vertical, 0.9, lines, small)


def detection(page: Page, *regions: Region) -> Detection:
    return Detection(regions, np.zeros((page.height, page.width), np.uint8))


def read_column(reader: PpOcrReader, text: str) -> Reading:
    sheet = Sheet(120, 40 * len(text) + 40)
    sheet.columns([text], 80, 20, size=40)
    box = Box(33, 13, 87, 40 * len(text) + 27)
    return reader.read(sheet.page, detection(sheet.page, region(box)))[0]


def test_every_balloon_is_read(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    page = talking_page().page
    texts = {reading.text for reading in reader.read(page, detector.detect(page))}
    assert texts == {
        "今日は雨が降るらしい",
        "次の日の朝",
        "傘を忘れたどうしよう",
        "走って帰るしかないよ",
        "大丈夫かな",
    }


@pytest.mark.parametrize("text", ["失敗しました", "ちょっと待って", "きっと大丈夫", "カメラを上げる"])
def test_a_column_is_read(reader: PpOcrReader, text: str) -> None:
    reading = read_column(reader, text)
    assert reading.text == text
    assert reading.confidence > 0.8


def test_two_marks_in_one_cell_are_both_read(reader: PpOcrReader) -> None:
    assert read_column(reader, "失敗です‼").text in {"失敗です!!", "失敗です！！"}


def test_one_mark_stays_one(reader: PpOcrReader) -> None:
    assert read_column(reader, "失敗です！").text in {"失敗です!", "失敗です！"}


def test_long_dashes_are_read(reader: PpOcrReader) -> None:
    assert read_column(reader, "十年後の夏ーー").text == "十年後の夏ーー"


def test_a_row_is_read(reader: PpOcrReader) -> None:
    sheet = Sheet(500, 100)
    box = sheet.row("今日は雨が降る", 30, 30, size=36).pad(6, width=500, height=100)
    assert reader.read(sheet.page, detection(sheet.page, region(box, vertical=False)))[0].text == "今日は雨が降る"


def test_furigana_is_read_apart_and_placed_at_its_kanji(reader: PpOcrReader) -> None:
    sheet = Sheet(200, 320)
    sheet.columns(["薬店にかけこみ"], 100, 20, size=40)
    sheet.columns(["うち"], 124, 40, size=20)
    base, small = Box(53, 13, 104, 307), Box(103, 36, 127, 84)
    (reading,) = reader.read(sheet.page, detection(sheet.page, region(base, ruby=(small,))))
    assert reading.text == "薬店にかけこみ"
    assert [(ruby.start, ruby.end, ruby.text) for ruby in reading.ruby] == [(0, 2, "うち")]


def test_english_rows_are_joined_by_a_space(reader: PpOcrReader) -> None:
    sheet = Sheet(500, 200)
    rows = [sheet.row(text, 40, top, size=40).pad(6, width=500, height=200) for text, top in (("GO", 20), ("HOME", 90))]
    english = reader.for_language("en")
    assert english.read(sheet.page, detection(sheet.page, region(*rows, vertical=False)))[0].text == "GO HOME"


def test_art_is_read_as_nothing(reader: PpOcrReader) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (300, 200, 3)).astype(np.uint8)
    page = Page(1, noise)
    (reading,) = reader.read(page, detection(page, region(Box(40, 20, 90, 280))))
    assert reading.text == ""
    assert reading.confidence < 0.8


def read_row(reader: PpOcrReader, text: str, *, balloon: Balloon | None = None, confidence: float = 0.9) -> str:
    sheet = Sheet(500, 120)
    box = sheet.row(text, 40, 30, size=44).pad(8, width=500, height=120)
    given = replace(region(box, vertical=False), balloon=balloon, confidence=confidence)
    return reader.read(sheet.page, detection(sheet.page, given))[0].text


def around(text: str) -> Balloon:
    box = Sheet(500, 120).row(text, 40, 30, size=44).pad(24, width=500, height=120)
    return Balloon(box, box.polygon, (255, 255, 255))


def test_the_windows_of_a_house_are_no_text(reader: PpOcrReader) -> None:
    assert read_row(reader, "田田") == ""


def test_figures_are_read_in_a_balloon_and_not_on_the_things_of_a_scene(reader: PpOcrReader) -> None:
    assert read_row(reader, "198") == ""
    assert read_row(reader, "198", balloon=around("198")) == "198"
    assert read_row(reader.for_language("en"), "198") == "198"


def test_letters_that_the_detector_hardly_saw_are_no_text(reader: PpOcrReader) -> None:
    assert read_row(reader, "今日は雨", balloon=around("今日は雨")) == "今日は雨"
    assert read_row(reader, "今日は雨", balloon=around("今日は雨"), confidence=0.6) == ""


@pytest.mark.parametrize(("count", "text"), [(4, "‥‥"), (6, "……")])
def test_a_silent_balloon_is_read_dot_by_dot(reader: PpOcrReader, count: int, text: str) -> None:
    sheet = Sheet(60, 40 + 14 * count)
    for y in range(25, 25 + 14 * count, 14):
        sheet.pen.ellipse((27, y - 3, 33, y + 3), fill=(0, 0, 0))
    box = Box(10, 12, 50, 28 + 14 * count)
    (reading,) = reader.read(sheet.page, detection(sheet.page, region(box)))
    assert reading.text == text


def test_an_empty_balloon_is_read_as_nothing(reader: PpOcrReader) -> None:
    page = Sheet(200, 300).page
    (reading,) = reader.read(page, detection(page, region(Box(40, 20, 90, 280))))
    assert (reading.text, reading.ruby) == ("", ())


@pytest.mark.parametrize("box", [Box(10, 10, 10, 40), Box(0, 0, 1, 1), Box(195, 0, 200, 300)])
def test_a_line_of_no_size_is_no_error(reader: PpOcrReader, box: Box) -> None:
    page = Sheet(200, 300).page
    assert reader.read(page, detection(page, region(box)))[0].text == ""


def test_there_is_one_reading_for_each_region_in_order(reader: PpOcrReader) -> None:
    page = Sheet(50, 50).page
    assert reader.read(page, detection(page)) == ()


@pytest.mark.parametrize("language", ["ko", "th", ""])
def test_a_language_it_cannot_read_is_refused(reader: PpOcrReader, language: str) -> None:
    with pytest.raises(UnknownAlphabetError, match="ja"):
        PpOcrReader(ReaderSettings(language=language))
    with pytest.raises(UnknownAlphabetError, match="ja"):
        reader.for_language(language)
