"""The table, the JSON and the HTML of an evaluation say the same, and the HTML needs nothing beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from tests.translator.evaluation.pages import LEFT_TEXT, RIGHT, RIGHT_TEXT, TRUTH, scored
from translator.evaluation.document import document
from translator.evaluation.report import report
from translator.evaluation.result import Evaluation, Speed
from translator.evaluation.table import kind_meanings, table
from translator.evaluation.truth import TruthError
from translator.pipeline.types import Box

SPEED = Speed(2, 2, 1, 3.0, {"detect": 2.0, "read": 1.0}, 5.0)
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "evaluation.md"
VOID = {"meta", "img", "br", "input", "rect", "path", "polyline"}


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    """Two pages, the second one much worse, of two books."""
    image = tmp_path / "page.png"
    Image.new("L", (400, 400), 255).save(image)
    first = replace(TRUTH, path=image)
    second = replace(TRUTH, path=image, book="<b>ad & book", name="002")
    results = (
        scored(RIGHT_TEXT, LEFT_TEXT, truth=first),
        scored((RIGHT, "今日は両<i>"), (Box(0, 350, 50, 400), "口"), truth=second),
    )
    return Evaluation("pages", "ja", {"detect": "engine"}, results, SPEED, replace(SPEED, at_once=1), 512.0)


class Tags(HTMLParser):
    """Fails on a tag that is closed out of turn; keeps what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [given[name] or "" for name in ("src", "href") if name in given]
        self.ids += [given["id"] or ""] if "id" in given else []
        assert tag not in {"script", "link", "iframe"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(evaluation: Evaluation) -> tuple[str, Tags]:
    html, tags = "".join(report(evaluation)), Tags()
    tags.feed(html)
    tags.close()
    return html, tags


def test_the_report_is_well_formed_and_loads_nothing_from_anywhere(evaluation: Evaluation) -> None:
    html, tags = parsed(evaluation)
    assert tags.open == []
    assert all(load.startswith(("data:image/webp;base64,", "#")) for load in tags.loads)
    assert "http" not in html
    assert "url(" not in html


def test_every_link_of_the_report_leads_to_a_page(evaluation: Evaluation) -> None:
    _, tags = parsed(evaluation)
    links = [load[1:] for load in tags.loads if load.startswith("#")]
    assert len(links) == 2
    assert set(links) <= set(tags.ids)


def test_the_worst_page_comes_first_and_names_are_escaped(evaluation: Evaluation) -> None:
    html, _ = parsed(evaluation)
    assert "<b>ad" not in html
    assert "<i>" not in html
    assert html.index("<h3>&lt;b&gt;ad &amp; book · 002") < html.index("<h3>book · 001")


def test_the_differing_characters_are_marked(evaluation: Evaluation) -> None:
    html, _ = parsed(evaluation)
    assert '今日は<mark class="lost">雨!</mark>' in html
    assert '<mark class="added">両&lt;i&gt;</mark>' in html


def test_a_page_of_more_than_webps_height_is_a_jpeg(evaluation: Evaluation, tmp_path: Path) -> None:
    strip = tmp_path / "strip.png"
    Image.new("L", (40, 17_000), 255).save(strip)
    result = replace(evaluation.results[0], truth=replace(TRUTH, path=strip), size=(40, 17_000))
    _, tags = parsed(replace(evaluation, results=(result,)))
    assert any(load.startswith("data:image/jpeg;base64,") for load in tags.loads)


def test_an_image_that_is_gone_is_our_error(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "page.png").unlink()
    with pytest.raises(TruthError, match=r"page\.png"):
        list(report(evaluation))


def test_the_json_has_every_figure_error_and_text(evaluation: Evaluation) -> None:
    got = json.loads(json.dumps(document(evaluation)))
    assert got["schema"] == 1
    assert set(got["figures"]) == {figure.key for figure in evaluation.figures}
    assert got["figures"]["f1"]["target"] == 0.96
    assert set(got["reading"]["errors"]) == set(kind_meanings())
    assert got["reading"]["errors"]["missed"] == got["reading"]["errors"]["false"] == 1
    assert set(got["reading"]["books"]) == {"book", "<b>ad & book"}
    first, second = got["reading"]["pages"]
    assert [text["verdict"] for text in first["texts"]] == ["right", "right"]
    assert [text["verdict"] for text in second["texts"]] == ["misread", "missed"]
    assert [region["false"] for region in second["regions"]] == [False, True]
    assert got["reading"]["speed"]["together"]["seconds_a_page"] == 1.5
    assert got["reading"]["speed"]["alone"]["processor_s_a_page"] == 2.5


def test_the_table_has_figures_targets_books_errors_and_confidence(evaluation: Evaluation) -> None:
    text = table(evaluation)
    for figure in evaluation.figures:
        assert figure.name in text
    assert "≥ 0.960" in text
    assert "<b>ad & book 002: 今日は雨! > 今日は両<i>" in text
    assert "characters read as others" in text
    assert "confidence" in text


def test_an_evaluation_of_no_pages_is_still_a_table() -> None:
    nothing = Evaluation("none", "ja", {}, (), Speed(0, 1, 1, 0.0, {}))
    assert "pages 0, texts 0" in table(nothing)


def test_every_figure_error_and_field_is_in_the_documentation(evaluation: Evaluation) -> None:
    documentation = DOCUMENTATION.read_text(encoding="utf-8")
    got = document(evaluation)
    reading = got["reading"]
    names = [*got, *got["figures"], *got["figures"]["f1"], *reading["errors"], *reading, *reading["speed"]["alone"]]
    names += [*reading["pages"][0], *reading["pages"][0]["texts"][0], *reading["pages"][0]["regions"][0]]
    assert not [name for name in names if name not in documentation]
