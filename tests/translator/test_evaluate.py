"""The figures count what they say they count."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from translator.evaluate import Score, Truth, compare, read_truth, score
from translator.pipeline.types import Box, Detection, Kind, Line, Reading, Region

LEFT, RIGHT = Box(100, 100, 160, 300), Box(300, 100, 360, 300)
TRUTH = Truth(Path("page.png"), ((RIGHT, "今日は雨!"), (LEFT, "傘がない…")), (Box(0, 0, 400, 400),))


def scored(
    *found: tuple[Box, str], kind: Kind = Kind.DIALOGUE, order: tuple[int, ...] | None = None
) -> dict[str, float]:
    regions = tuple(Region(f"r{n}", box, box.polygon, kind, True, 0.9) for n, (box, _) in enumerate(found))
    readings = [Reading(f"r{n}", text, 0.9) for n, (_, text) in enumerate(found)]
    lines = [Line(f"r{n}", place) for n, place in enumerate(order or range(len(found)))]
    detection = Detection(regions, np.zeros((400, 400), np.uint8), (Box(0, 0, 400, 400),))
    return score(TRUTH, detection, readings, lines).figures()


def test_a_perfect_page() -> None:
    figures = scored((RIGHT, "今日は雨!"), (LEFT, "傘がない…"))
    assert figures["F1 at IoU >= 0.5"] == 1
    assert figures["CER"] == 0
    assert figures["exact, no punctuation"] == 1
    assert figures["order, pages without a mistake"] == 1
    assert figures["panels, F1 at IoU >= 0.5"] == 1


def test_a_missed_text_costs_all_its_characters() -> None:
    figures = scored((RIGHT, "今日は雨!"))
    assert figures["recall at IoU >= 0.5"] == 0.5
    assert figures["CER"] == pytest.approx(7 / 12)
    assert figures["CER, no punctuation"] == pytest.approx(4 / 8)


def test_two_texts_read_as_one_are_one_missed() -> None:
    figures = scored((LEFT.union(RIGHT), "今日は雨!傘がない…"))
    assert figures["exact, no punctuation"] == 0


def test_the_wrong_order_is_counted() -> None:
    figures = scored((RIGHT, "今日は雨!"), (LEFT, "傘がない…"), order=(1, 0))
    assert figures["order, adjacent pairs kept"] == 0
    assert figures["order, pages without a mistake"] == 0
    assert figures["CER"] == 0


def test_a_sound_that_nobody_annotated_costs_nothing_and_false_dialogue_does() -> None:
    extra = (Box(0, 350, 50, 400), "ドン")
    texts = ((RIGHT, "今日は雨!"), (LEFT, "傘がない…"), extra)
    assert scored(*texts)["precision at IoU >= 0.5"] == pytest.approx(2 / 3)
    assert scored(*texts, kind=Kind.SFX)["precision at IoU >= 0.5"] == 1


def test_what_was_not_read_was_not_found() -> None:
    assert scored((RIGHT, ""), (LEFT, ""))["recall, half covered"] == 0


@pytest.mark.parametrize(
    ("wanted", "found", "edits", "bare"),
    [
        ("あ!?", "あ！？", 0, 0),
        ("わ〜", "わ～", 0, 0),
        ("…はい", "はい", 3, 0),
        ("は い", "はい", 0, 0),
        ("お", "", 1, 1),
    ],
)
def test_forms_of_a_mark_are_equal_and_punctuation_is_set_apart(wanted: str, found: str, edits: int, bare: int) -> None:
    compared = compare(wanted, found)
    assert (compared.edits, compared.bare_edits) == (edits, bare)


def test_no_pages_give_zeros_rather_than_an_error() -> None:
    assert set(Score().figures().values()) == {0.0}


def test_an_annotation_is_read_page_by_page(tmp_path: Path) -> None:
    box = {"x": 1, "y": 2, "w": 3, "h": 4}
    page = {"image_paths": {"ja": "a/000.jpg"}, "frame": [box], "text": [box | {"text_ja": "雨"}]}
    (tmp_path / "annotation.json").write_text(json.dumps([{"book_title": "a", "pages": [page]}]), encoding="utf-8")
    (truth,) = read_truth(tmp_path)
    assert truth == Truth(tmp_path / "a" / "000.jpg", ((Box(1, 2, 4, 6), "雨"),), (Box(1, 2, 4, 6),))


def test_a_folder_without_annotations_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"annotation\.json"):
        list(read_truth(tmp_path))
