"""``AUTO`` is settled by the pages' shape, their lettering and the language, for a chapter at once."""

from __future__ import annotations

import pytest

from translator.pipeline.direction import Evidence, evidence, settle, total
from translator.pipeline.types import Box, Kind, ReadingDirection, Region

PAGE, STRIP = Box(0, 0, 830, 1170), Box(0, 0, 720, 14046)
LTR, RTL, WEBTOON = ReadingDirection.LTR, ReadingDirection.RTL, ReadingDirection.WEBTOON


def region(*, vertical: bool, kind: Kind = Kind.DIALOGUE, box: Box | None = None) -> Region:
    place = box or Box(0, 0, 40, 90)
    return Region("r0001", place, place.polygon, kind, vertical, 0.9)


def of(*vertical: bool, page: Box = PAGE) -> Evidence:
    return evidence([region(vertical=value) for value in vertical], page)


@pytest.mark.parametrize(
    ("found", "language", "expected"),
    [
        (of(True, True, False), "", RTL),
        (of(False, False, True), "", LTR),
        (of(True, page=STRIP), "ja", WEBTOON),
        (of(False, page=STRIP), "ko", WEBTOON),
        # A Japanese page with a chat window or a letter in it is still a Japanese page.
        (of(False, False, True), "ja", RTL),
        (of(False, False, False), "ja", LTR),
        (of(False, False, True), "zh-Hant", LTR),
        (of(True, True, False), "zh_TW", RTL),
        # What looks vertical in a language that has no columns is a pile of short words.
        (of(True, True, False), "en", LTR),
        (of(False, False), "ar", RTL),
    ],
)
def test_lettering_shape_and_language_settle_it(found: Evidence, language: str, expected: ReadingDirection) -> None:
    assert settle(found, language) is expected


@pytest.mark.parametrize(("language", "expected"), [("", RTL), ("ja", RTL), ("en", LTR), ("ko-KR", LTR)])
def test_a_page_without_lettering_goes_as_its_language_does(language: str, expected: ReadingDirection) -> None:
    assert settle(of(), language) is expected


def test_nothing_at_all_is_right_to_left() -> None:
    assert settle(Evidence()) is RTL


def test_sounds_and_signs_count_only_where_nothing_is_said() -> None:
    large = Box(0, 0, 600, 300)
    sound = region(vertical=False, kind=Kind.SFX, box=large)
    assert settle(evidence([sound, region(vertical=True)], PAGE)) is RTL
    assert settle(evidence([sound], PAGE)) is LTR


def test_a_chapter_outvotes_its_odd_page() -> None:
    odd = of(False)
    assert settle(odd) is LTR
    assert settle(total([of(True, True), odd, of(), of(True)])) is RTL


def test_one_tall_page_makes_no_strip_of_a_chapter() -> None:
    assert settle(total([of(True, page=STRIP), of(True), of(True)])) is RTL
    assert settle(total([of(False, page=STRIP), of(False, page=STRIP), of(False)])) is WEBTOON


def test_a_page_without_area_says_nothing() -> None:
    assert evidence([], Box(0, 0, 0, 0)).vertical_share is None
