"""An annotation is read once, into declared types; what is wrong with it is said with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from translator.evaluation.truth import TruePage, TrueText, TruthError, read_truth, select
from translator.pipeline.types import Box, Kind

BOX = {"x": 1, "y": 2, "w": 3, "h": 4}
SAMPLE = Path(__file__).parents[3] / "sample" / "chapter"


def annotated(folder: Path, text: dict[str, Any] | None = None) -> Path:
    """A book of one page; its image is some bytes."""
    page = {
        "image_paths": {"ja": "a/000.jpg"},
        "frame": [BOX],
        "text": [BOX | {"text_ja": "雨", "text_en": "rain"} if text is None else text],
    }
    (folder / "annotation.json").write_text(json.dumps([{"book_title": "a", "pages": [page]}]), encoding="utf-8")
    (folder / "a").mkdir()
    (folder / "a" / "000.jpg").write_bytes(b"image")
    return folder


def test_an_annotation_is_read_page_by_page(tmp_path: Path) -> None:
    (page,) = read_truth(annotated(tmp_path))
    box = Box(1, 2, 4, 6)
    assert page == TruePage("a", "000", (TrueText(box, "雨"),), (box,), tmp_path / "a" / "000.jpg")


def test_the_sample_chapter_is_read_with_its_kinds_and_sounds_are_not_scored() -> None:
    pages = read_truth(SAMPLE)
    assert [page.name for page in pages] == [f"{n:04d}" for n in range(1, 8)]
    sounds = [text for page in pages for text in page.texts if text.kind is Kind.SFX]
    assert sounds
    assert not any(text.scored for text in sounds)
    assert all(text.kind is not Kind.SFX for page in pages for text in page.scored)


def test_a_drawn_text_has_the_air_around_it_that_an_annotator_leaves() -> None:
    ink = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["pages"][0]["texts"][0]["box"]
    box = read_truth(SAMPLE)[0].texts[0].box
    assert box.x0 < ink[0]
    assert box.y1 > ink[3]


def test_a_folder_without_annotation_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"neither annotation\.json nor truth\.json"):
        read_truth(tmp_path)


@pytest.mark.parametrize("body", ["", "{", "{}", "[1]", '[{"book_title": 1}]', "[" * 5000, '[{"book_title": "a"}]'])
def test_an_annotation_that_is_none_is_our_error(tmp_path: Path, body: str) -> None:
    (tmp_path / "annotation.json").write_text(body)
    with pytest.raises(TruthError, match=r"annotation\.json"):
        read_truth(tmp_path)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"w": 0}, "text[0].w"), ({"x": "1"}, "text[0].x"), ({"text_ja": None}, "text[0].text_ja")],
)
def test_a_wrong_text_is_named(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    with pytest.raises(TruthError) as caught:
        read_truth(annotated(tmp_path, BOX | {"text_ja": "雨"} | change))
    assert field in str(caught.value)


@pytest.mark.parametrize(
    "change", [{"box": [1, 2, 3]}, {"box": [9, 2, 3, 4]}, {"lines": [[1]]}, {"lines": [[]]}, {"kind": "shout"}]
)
def test_a_wrong_drawn_text_is_our_error(tmp_path: Path, change: dict[str, Any]) -> None:
    text = {"kind": "sfx", "vertical": True, "lines": [[[1, 2], [3, 4]]], "box": [1, 2, 3, 4], "text": "ド"} | change
    page = {"page": 1, "width": 9, "height": 9, "panels": [], "texts": [text]}
    (tmp_path / "truth.json").write_text(json.dumps({"schema": 1, "pages": [page]}))
    with pytest.raises(TruthError, match=r"truth\.json"):
        read_truth(tmp_path)


def test_a_page_without_its_image_is_an_error_before_any_work(tmp_path: Path) -> None:
    (annotated(tmp_path) / "a" / "000.jpg").unlink()
    with pytest.raises(TruthError, match=r"000\.jpg: the image of an annotated page is not there"):
        read_truth(tmp_path)


def test_the_source_language_chooses_image_and_transcription(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"image_paths\.en"):
        read_truth(annotated(tmp_path), source="en")


def test_pages_can_be_chosen_by_book_and_number() -> None:
    pages = tuple(TruePage(book, str(n), ()) for book in ("a", "b") for n in range(5))
    assert [page.name for page in select(pages, book="b", every=2)] == ["0", "2", "4"]
    assert len(select(pages, every=3)) == 4
    with pytest.raises(TruthError, match="no book 'c'; there are a, b"):
        select(pages, book="c")
