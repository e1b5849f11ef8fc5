"""Cleaning and typesetting are measured: on pages of the generator, and where something is wrong on purpose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from translator.evaluation.clean_page import clean_page, pairs_of
from translator.evaluation.clean_score import CleanScore
from translator.evaluation.figure import Figure
from translator.evaluation.finish import Finishing, FinishPlan, evaluate_cleaning, evaluate_typesetting
from translator.evaluation.finish_sheet import contact_sheet
from translator.evaluation.truth import TruePage, TrueText, TruthError, read_truth
from translator.evaluation.typeset_page import typeset_page
from translator.evaluation.typeset_score import TypesetScore
from translator.evaluation.typeset_truth import translated_pages
from translator.pipeline.clean import CropCleaner
from translator.pipeline.fonts import FontBook
from translator.pipeline.protocols import Cleaner, Detector, Typesetter
from translator.pipeline.types import (
    Balloon,
    Box,
    Detection,
    Kind,
    Page,
    PlacedLine,
    Placement,
    Region,
    Rgb,
    TextLine,
    Typeset,
)
from translator.pipeline.typeset import BalloonTypesetter

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "sample" / "chapter"
PLAN = FinishPlan("ja", "en", threads=2, shots=True)
OWN, OTHER = Box(100, 100, 160, 300), Box(300, 100, 360, 300)
TRUTH = TruePage("book", "001", (TrueText(OWN, "うん"), TrueText(Box(600, 600, 640, 700), "いや")))


def silent(done: int, pages: int, name: str) -> None:
    """No progress."""


def region(name: str, box: Box) -> Region:
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 1.0, (TextLine(box, box.polygon, 1.0),))


def lettered() -> Page:
    rgb = np.full((400, 400, 3), 255, np.uint8)
    for box in (OWN, OTHER):
        rgb[box.y0 + 8 : box.y1 - 8 : 14, box.x0 + 10 : box.x1 - 10] = 0
    return Page(1, rgb)


class Ink:
    """Finds the columns that still have ink."""

    name = "ink"

    def detect(self, page: Page) -> Detection:
        dark = page.rgb.min(axis=2) < 128
        boxes = [box for box in (OWN, OTHER) if dark[box.y0 : box.y1, box.x0 : box.x1].any()]
        frame = Balloon(Box(90, 90, 170, 310), Box(90, 90, 170, 310).polygon, (255, 255, 255))
        regions = tuple(replace(region(f"{box.x0}", box), balloon=frame if box is OWN else None) for box in boxes)
        return Detection(regions, np.where(dark, 255, 0).astype(np.uint8))


class Idle:
    """Leaves the text where it is."""

    name = "idle"

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        return page.rgb.copy()


class Clumsy(CropCleaner):
    """Cleans, and spills paint on a corner."""

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        plate = super().clean(page, detection, regions)
        plate[390:, 390:] = (255, 0, 0)
        return plate


class Careless:
    """Sets the first text as told, in one blot of 20 x 10 px at ``at``."""

    name = "careless"

    def __init__(self, *lines: str, at: tuple[int, int] = (120, 120), overflow: bool = False) -> None:
        self._lines, self._at, self._overflow = lines, at, overflow

    def typeset(self, plate: Rgb, regions: Sequence[Region], *_: object, **__: object) -> Typeset:
        x, y = self._at
        rgb = plate.copy()
        rgb[y : y + 10, x : x + 20] = 0
        lines = tuple(PlacedLine(line, self._at, 20, 10) for line in self._lines)
        area = Box(x, y, x + 20, y + 10)
        placed = Placement(
            regions[0].id, lines, "Blot", 20, self._at, area, fill_rgb=(0, 0, 0), overflow=self._overflow
        )
        return Typeset(rgb, (placed,) if lines else ())


class Stages:
    """Three stages, one of them perhaps bad."""

    def __init__(self, cleaner: Cleaner, typesetter: Typesetter | None = None) -> None:
        self._cleaner = cleaner
        self._typesetter = typesetter or BalloonTypesetter(FontBook(ROOT / "fonts"))

    @property
    def detector(self) -> Detector:
        return Ink()

    @property
    def cleaner(self) -> Cleaner:
        return self._cleaner

    @property
    def typesetter(self) -> Typesetter:
        return self._typesetter


def figure(figures: Sequence[Figure], key: str) -> float:
    return next(one.value for one in figures if one.key == key)


def cleaned(cleaner: Cleaner) -> CleanScore:
    return CleanScore.of((clean_page(TRUTH, lettered(), Stages(cleaner))[0],))


def test_a_text_that_is_gone_is_gone_and_nothing_else_is() -> None:
    score = cleaned(CropCleaner())
    assert (score.texts, score.blocks, score.left, score.outside_px) == (2, 1, 0, 0)


def test_a_text_that_is_still_there_is_counted() -> None:
    score = cleaned(Idle())
    assert score.left == 1
    assert figure(score.figures, "text_left") == 1.0


def test_paint_beside_the_text_is_counted_pixel_by_pixel() -> None:
    assert cleaned(Clumsy()).outside_px == 100


def test_lettering_that_stays_is_not_taken_for_text_that_is_left() -> None:
    assert cleaned(CropCleaner()).left == 0


def test_each_region_belongs_to_one_annotated_text_and_sound_effects_to_none() -> None:
    detection = Ink().detect(lettered())
    twice = TruePage(
        "book", "001", (TrueText(OWN, "うん"), TrueText(OWN, "うん"), TrueText(OTHER, "ドン", Kind.SFX, False))
    )
    assert [(pair.index, pair.region.id) for pair in pairs_of(twice, detection)] == [(0, "100")]


def written(typesetter: Typesetter, text: str = "Hello there") -> TypesetScore:
    page, _ = typeset_page(TRUTH, lettered(), (text, "Never found"), Stages(CropCleaner(), typesetter), target="en")
    return TypesetScore((page,))


def test_a_text_in_its_balloon_is_without_a_flaw() -> None:
    score = written(BalloonTypesetter(FontBook(ROOT / "fonts")))
    assert [text.is_flawed for text in score.texts] == [False]
    assert figure(score.figures, "ink_outside") == 0
    assert figure(score.figures, "size_least") >= 7


@pytest.mark.parametrize(
    ("typesetter", "key", "value"),
    [
        (Careless("HELLO", "THERE", at=(160, 150)), "ink_outside", 90.0),
        (Careless("HELLO", "THERE", at=(160, 150)), "texts_outside", 1.0),
        (Careless("HELLO", "THERE", overflow=True), "overflow", 1.0),
        (Careless("HEL-", "LO", "THERE"), "hyphens", 500.0),
        (Careless("HEL", "LO THERE"), "broken_words", 1.0),
        (Careless("HELLO"), "unlike", 1.0),
        (Careless(), "not_set", 1.0),
    ],
)
def test_each_flaw_has_its_figure(typesetter: Careless, key: str, value: float) -> None:
    score = written(typesetter)
    assert figure(score.figures, key) == value
    assert score.texts[0].is_flawed


def test_air_is_measured_in_letter_sizes_from_the_ink_to_the_outline() -> None:
    inside = written(Careless("HELLO", "THERE", at=(110, 120)))
    over = written(Careless("HELLO", "THERE", at=(160, 150)))
    assert figure(inside.figures, "air_least") == pytest.approx(figure(inside.figures, "air_usual"))
    assert figure(inside.figures, "air_least") > figure(over.figures, "air_least") == 0.0
    assert figure(over.figures, "close") == 1.0


def test_a_text_without_a_translation_is_left_alone() -> None:
    assert written(BalloonTypesetter(FontBook(ROOT / "fonts")), text="").texts == ()


@pytest.fixture(scope="module")
def sample_pages() -> tuple[TruePage, ...]:
    return read_truth(SAMPLE)[1::3]


@pytest.fixture(scope="module")
def cleaning(sample_pages: tuple[TruePage, ...]) -> Finishing:
    return evaluate_cleaning("chapter", sample_pages, PLAN, silent)


@pytest.fixture(scope="module")
def typesetting(sample_pages: tuple[TruePage, ...]) -> Finishing:
    return evaluate_typesetting(SAMPLE, sample_pages, PLAN, silent)


def test_the_samples_pages_are_cleaned(cleaning: Finishing) -> None:
    assert cleaning.done >= 10
    assert figure(cleaning.figures, "text_left") == 0
    assert figure(cleaning.figures, "changed_outside") == 0


def test_the_samples_pages_are_set(typesetting: Finishing) -> None:
    assert typesetting.done >= 10
    for key in ("ink_outside", "texts_outside", "overflow", "not_set", "broken_words", "unlike", "hyphens", "tiny"):
        assert figure(typesetting.figures, key) == 0, key
    assert figure(typesetting.figures, "size_least") >= 14
    assert figure(typesetting.figures, "spread_most") <= 2.0


@pytest.mark.parametrize("measure", ["cleaning", "typesetting"])
def test_a_document_a_table_and_a_contact_sheet_say_the_same(measure: str, request: pytest.FixtureRequest) -> None:
    finishing: Finishing = request.getfixturevalue(measure)
    document = json.loads(json.dumps(finishing.document()))
    assert document["schema"] == 1
    assert len(document[measure]["pages"]) == document["pages"] == len(finishing.shots)
    sheet, table = "".join(contact_sheet(finishing)), finishing.table()
    for one in finishing.figures:
        assert document["figures"][one.key]["value"] == pytest.approx(one.value, abs=1e-5)
        assert f"{one.text}" in sheet
        assert one.name in table
    assert sheet.count("data:image/webp;base64,") == 2 * document["pages"]


def test_a_contact_sheet_names_what_is_wrong_on_a_page(cleaning: Finishing) -> None:
    wrong = replace(cleaning, shots=(replace(cleaning.shots[0], notes=("text is still found: <r0001>",)),))
    assert "text is still found: &lt;r0001&gt;" in "".join(contact_sheet(wrong))


@pytest.mark.parametrize("target", ["de", "zh-Hans"])
def test_a_folder_without_such_translations_is_refused(target: str, sample_pages: tuple[TruePage, ...]) -> None:
    with pytest.raises(TruthError, match=f"no translation into {target}"):
        translated_pages(SAMPLE, sample_pages, source="ja", target=target)


def annotated(folder: Path, texts: list[dict[str, object]]) -> tuple[TruePage, ...]:
    book = {"book_title": "b", "pages": [{"image_paths": {"ja": "b/000.png"}, "frame": [], "text": texts}]}
    (folder / "b").mkdir()
    (folder / "b" / "000.png").write_bytes(b"")
    (folder / "annotation.json").write_text(json.dumps([book]), encoding="utf-8")
    return read_truth(folder)


def test_annotated_translations_stand_beside_their_texts(tmp_path: Path) -> None:
    place = {"x": 1, "y": 2, "w": 3, "h": 4}
    pages = annotated(
        tmp_path,
        [{**place, "text_ja": "はい", "text_en": "Yes", "text_zh": "是"}, {**place, "text_ja": "いや", "text_en": ""}],
    )
    assert translated_pages(tmp_path, pages, source="ja", target="en")[0].translations == ("Yes", "")
    assert translated_pages(tmp_path, pages, source="ja", target="zh-Hant")[0].translations == ("是", "")
    with pytest.raises(TruthError, match="no translation into fr"):
        translated_pages(tmp_path, pages, source="ja", target="fr")


def test_a_memory_that_is_none_is_refused(tmp_path: Path, sample_pages: tuple[TruePage, ...]) -> None:
    with pytest.raises(TruthError, match=r"memory\.json"):
        translated_pages(tmp_path, sample_pages, source="ja", target="en")
    (tmp_path / "memory.json").write_text("[]")
    with pytest.raises(TruthError, match="not an object"):
        translated_pages(tmp_path, sample_pages, source="ja", target="en")
