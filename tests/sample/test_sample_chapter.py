"""The committed chapter and strip: the folder holds what the generator draws, and the memory knows its texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import sample
from sample.__main__ import main
from sample.chapter import Chapter, chapters, png, to_json, write_chapter
from sample.font import Face
from sample.memory import memory
from sample.page import draw_page
from sample.script import CHAPTER, STRIP, Line
from sample.truth import Kind

FOLDER = Path(sample.__file__).parent
CHAPTERS = chapters()
EACH = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)

# Another FreeType, HarfBuzz or OpenCV may round an edge differently. One of 16 greys is 17, and edges are a few
# percent of a page; a text that moved by a pixel, or another glyph, changes far more.
MAX_CHANGED = 0.02
MAX_MEAN = 1.0


def load(chapter: Chapter, name: str) -> Any:
    return json.loads((FOLDER / chapter.name / name).read_text("utf-8"))


def committed(chapter: Chapter, number: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(FOLDER / chapter.name / "pages" / f"{number:04}.png") as image:
        return np.asarray(image.convert("RGB"))


@EACH
def test_the_committed_first_page_is_what_the_generator_draws(chapter: Chapter) -> None:
    rgb, _ = draw_page(chapter.pages[0]())
    kept = committed(chapter, 1)
    assert kept.shape == rgb.shape
    difference = np.abs(kept.astype(np.int16) - rgb.astype(np.int16))
    assert difference.mean() <= MAX_MEAN
    assert (difference > 0).mean() <= MAX_CHANGED


@EACH
def test_as_many_pages_are_committed_as_the_chapter_has(chapter: Chapter) -> None:
    names = sorted(path.name for path in (FOLDER / chapter.name / "pages").iterdir())
    assert names == [f"{n:04}.png" for n in range(1, len(chapter.pages) + 1)]


def test_the_chapter_has_at_least_six_pages_of_the_usual_size_and_the_strip_is_tall() -> None:
    pages, strip = CHAPTERS
    assert len(pages.pages) >= 6
    assert {committed(pages, n).shape for n in range(1, len(pages.pages) + 1)} == {(1170, 830, 3)}
    assert committed(strip, 1).shape == (4500, 720, 3)


@EACH
def test_pages_are_small_enough_to_keep_in_a_repository(chapter: Chapter) -> None:
    assert sum(path.stat().st_size for path in (FOLDER / chapter.name).rglob("*.*")) < 4_000_000


@EACH
def test_every_text_but_page_numbers_is_in_the_memory(chapter: Chapter) -> None:
    known = {entry["source"]: entry["target"] for entry in load(chapter, "memory.json")["entries"]}
    said = [t for page in load(chapter, "truth.json")["pages"] for t in page["texts"] if t["kind"] != "page_number"]
    assert said
    for text in said:
        assert known[text["text"]].strip()
        assert known[text["text"]] != text["text"]


@EACH
def test_the_memory_holds_nothing_that_no_page_says(chapter: Chapter) -> None:
    said = {text["text"] for page in load(chapter, "truth.json")["pages"] for text in page["texts"]}
    assert {entry["source"] for entry in load(chapter, "memory.json")["entries"]} <= said


@EACH
def test_the_committed_truth_agrees_with_the_committed_pages(chapter: Chapter) -> None:
    for page in load(chapter, "truth.json")["pages"]:
        rgb = committed(chapter, page["page"])
        assert rgb.shape == (page["height"], page["width"], 3)
        assert sorted(text["order"] for text in page["texts"]) == list(range(len(page["texts"])))
        for text in page["texts"]:
            x0, y0, x1, y1 = text["box"]
            assert 0 <= x0 < x1 <= page["width"]
            assert 0 <= y0 < y1 <= page["height"]
            ink = rgb[y0:y1, x0:x1, 0]
            assert ink.min() < 64
            assert ink.max() > 192
            assert text["kind"] in set(Kind)


def test_a_chapter_shows_every_kind_of_lettering() -> None:
    texts = [text for page in load(CHAPTERS[0], "truth.json")["pages"] for text in page["texts"]]
    assert {text["kind"] for text in texts} == {kind.value for kind in Kind}
    balloons = [text["balloon"] for text in texts if text["balloon"]]
    assert {balloon["shape"] for balloon in balloons} >= {"ellipse", "cloud", "spiky", "box", "wavy"}
    assert any(balloon["dark"] for balloon in balloons)
    assert any(balloon["group"] for balloon in balloons)
    assert any(text["ruby"] for text in texts)
    assert any(abs(text["tilt"]) >= 5 and text["kind"] == "dialogue" for text in texts)
    assert any(text["kind"] == "sfx" and not text["balloon"] for text in texts)


@EACH
def test_texts_do_not_lie_on_each_other(chapter: Chapter) -> None:
    for page in load(chapter, "truth.json")["pages"]:
        boxes = [text["box"] for text in page["texts"] if not text["tilt"]]
        for i, (ax0, ay0, ax1, ay1) in enumerate(boxes):
            for bx0, by0, bx1, by1 in boxes[i + 1 :]:
                assert ax1 <= bx0 or bx1 <= ax0 or ay1 <= by0 or by1 <= ay0


@EACH
def test_an_english_line_is_short_enough_for_its_balloon(chapter: Chapter) -> None:
    """A rule of thumb of letterers: an em of the original gives room for about four English letters."""
    for line in chapter.script.values():
        assert len(line.en) <= max(14, 5 * len(line.source))


def test_no_english_line_holds_japanese_and_no_two_scripts_disagree() -> None:
    for line in (*CHAPTER.values(), *STRIP.values()):
        assert line.en.isascii()
    pairs: dict[str, str] = {}
    for line in CHAPTER.values():
        assert pairs.setdefault(line.source, line.en) == line.en


def test_a_memory_names_each_text_once() -> None:
    twice = memory([Line("{星|ほし}", "star"), Line("星", "star"), Line("\n月\n", "moon")])
    assert twice == {
        "schema": 1,
        "source": "ja",
        "target": "en",
        "entries": [{"source": "星", "target": "star"}, {"source": "月", "target": "moon"}],
    }


def test_a_chapter_is_written_twice_byte_for_byte(tmp_path: Path) -> None:
    short = Chapter("short", CHAPTERS[0].pages[3:4], {"a": CHAPTER["4.home"]})
    one, two = (write_chapter(short, tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert [path.name for path in one] == ["0001.png", "memory.json", "truth.json"]


def test_the_command_fails_where_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chapter").write_text("a file stands in the way")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("sample: ")


def test_the_command_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "OUT_DIR" in capsys.readouterr().err


def test_json_and_png_are_readable_again() -> None:
    assert json.loads(to_json({"schema": 1, "entries": [{"source": "「星」", "target": 'a "star"'}]})) == {
        "schema": 1,
        "entries": [{"source": "「星」", "target": 'a "star"'}],
    }
    assert png(np.full((4, 6, 3), 17, np.uint8)).startswith(b"\x89PNG")


def test_every_font_has_its_licence_beside_it_and_the_folder_stays_small() -> None:
    folder = FOLDER / "fonts"
    readme = (folder / "README.md").read_text("utf-8")
    for face in Face:
        (row,) = [line for line in readme.splitlines() if line.startswith(f"| `{face.value}`")]
        licence = (folder / row.rsplit("`", 2)[1]).read_text("utf-8")
        assert licence.startswith("Copyright")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5_000_000


def test_random_pages_are_written_as_a_data_set(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--random", "2"]) == 0
    truth = json.loads((tmp_path / "random" / "truth.json").read_bytes())
    assert [page["page"] for page in truth["pages"]] == [1, 2]
    assert sorted(path.name for path in (tmp_path / "random" / "pages").iterdir()) == ["0001.png", "0002.png"]
    assert not (tmp_path / "chapter").exists()


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_no_random_pages_are_a_usage_error(tmp_path: Path, count: str) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--random", count])
    assert list(tmp_path.iterdir()) == []
