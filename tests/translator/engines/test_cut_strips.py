"""A drawn strip cut through its balloons, read by the default engines and set whole."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contract.document import PageDocument
from contract.image_format import ImageFormat
from sample.page import PageSpec, draw_page, draw_plate
from sample.panel import Panel
from sample.scenery import Tone
from sample.script import CHAPTER, Line
from sample.staging import say
from sample.story import panel
from tests.translator.tiny_stages import SilentWatch
from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.keyless import KeylessTranslator
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.pipeline.clean import CropCleaner
from translator.pipeline.fonts import FontBook
from translator.pipeline.memory import MemoryEntry, TranslationMemory
from translator.pipeline.pages import DecodedPage
from translator.pipeline.pipeline import PagePipeline, PageSettings, Stages
from translator.pipeline.seam_window import Side, edges_of
from translator.pipeline.types import Page, Polygon, ReadingDirection, Rgb
from translator.pipeline.typeset import BalloonTypesetter
from translator.series_translator import SeriesTranslator

WIDTH, HEIGHT, MIDDLE = 720, 900, 450
ROWS, COLUMNS = CHAPTER["4.ladder"], CHAPTER["4.far"]
FONTS = Path(__file__).parents[3] / "fonts"


def drawn(line: Line, *, vertical: bool) -> PageSpec:
    """The detector loses columns in a narrow balloon on a screentone, cut or not: those stand on white."""
    tones = () if vertical else (Tone((40, 60, 680, 840), (0.1, 0.3)),)
    frame: Panel = panel(40, 60, 680, 840, *tones)
    return PageSpec(
        WIDTH, HEIGHT, seed=3, panels=(frame,), texts=(say(line, (360, MIDDLE), size=36, vertical=vertical),)
    )


ROWS_SPEC, COLUMNS_SPEC = drawn(ROWS, vertical=False), drawn(COLUMNS, vertical=True)


def places(spec: PageSpec) -> dict[str, int]:
    """Where to cut, told from what was drawn: a row of text, its furigana, the gap, and the balloon beside the text."""
    text = draw_page(spec)[1].texts[0]
    assert text.balloon is not None
    (_, first_end), (second, second_end) = (rows_of(line) for line in text.lines)
    small, small_end = rows_of(text.ruby_lines[0])
    _, bottom = rows_of(text.balloon.contour)
    return {
        "a row": (second + second_end) // 2,
        "between the rows": (first_end + small) // 2,
        "furigana": (small + small_end) // 2,
        "under the text": (second_end + bottom) // 2,
    }


def rows_of(polygon: Polygon) -> tuple[int, int]:
    return min(y for _, y in polygon), max(y for _, y in polygon)


@pytest.fixture(scope="session")
def pipeline(detector: PpOcrDetector, reader: PpOcrReader) -> PagePipeline:
    entries = [MemoryEntry(line.source, line.en) for line in (ROWS, COLUMNS)]
    memory = TranslationMemory(entries, source="ja", target="en")
    stages = Stages(
        detector,
        reader,
        GeometricOrderer(),
        SeriesTranslator(KeylessTranslator(None), memory=memory),
        CropCleaner(),
        BalloonTypesetter(FontBook(FONTS)),
    )
    settings = PageSettings(direction=ReadingDirection.WEBTOON, image_format=ImageFormat.PNG)
    return PagePipeline(stages, settings)


def cut_pages(rgb: Rgb, row: int) -> list[Page]:
    return [Page(1, rgb[:row]), Page(2, rgb[row:])]


@pytest.mark.parametrize(
    ("place", "owner"), [("a row", 1), ("between the rows", 2), ("furigana", 2), ("under the text", 1)]
)
def test_a_text_in_rows_is_read_whole_wherever_it_is_cut(pipeline: PagePipeline, place: str, owner: int) -> None:
    upper, lower = cut_pages(draw_page(ROWS_SPEC)[0], places(ROWS_SPEC)[place])
    seam, _ = pipeline.seam(Side((edges_of(upper),)), Side((edges_of(lower),)), SilentWatch())
    (text,) = seam.texts
    assert text.reading is not None
    assert text.reading.text == ROWS.source
    assert text.owner == owner
    assert text.pages == ((1,) if place == "under the text" else (1, 2))
    assert text.region.balloon is not None


@pytest.mark.parametrize(("lower_by", "owner"), [(-40, 2), (40, 1)])
def test_columns_are_read_whole_and_the_larger_part_decides(pipeline: PagePipeline, lower_by: int, owner: int) -> None:
    upper, lower = cut_pages(draw_page(COLUMNS_SPEC)[0], MIDDLE + lower_by)
    seam, _ = pipeline.seam(Side((edges_of(upper),)), Side((edges_of(lower),)), SilentWatch())
    (text,) = seam.texts
    assert text.reading is not None
    assert text.reading.text.replace("…", "") == COLUMNS.source.replace("…", "")
    assert (text.owner, text.pages) == (owner, (1, 2))


@pytest.mark.parametrize("spec", [ROWS_SPEC, COLUMNS_SPEC], ids=["rows", "columns"])
def test_the_translation_stands_on_one_page_and_nothing_else_is_left(pipeline: PagePipeline, spec: PageSpec) -> None:
    row = MIDDLE + 20
    pages = cut_pages(draw_page(spec)[0], row)
    edges = [edges_of(page) for page in pages]
    seam, _ = pipeline.seam(Side((edges[0],)), Side((edges[1],)), SilentWatch())
    outcomes, documents = [], []
    for page in pages:
        read = pipeline.read_decoded(DecodedPage(page, {}), SilentWatch(), seams=(seam,))
        finished = pipeline.finish(pipeline.translate(read, (), SilentWatch()), SilentWatch())
        outcomes.append(np.asarray(Image.open(io.BytesIO(finished.image)).convert("RGB")))
        documents.append(finished.document)
    assert [translation for document in documents for translation in texts_of(document)] == [
        (ROWS if spec is ROWS_SPEC else COLUMNS).en
    ]
    changed = np.abs(np.concatenate(outcomes).astype(int) - draw_plate(spec)).max(axis=2) > 100
    for page_top, document in ((0, documents[0]), (row, documents[1])):
        for region in document.regions:
            for x0, y0, x1, y1 in region.placement.line_boxes if region.placement else ():
                assert y0 >= 0
                assert y1 <= document.height
                changed[page_top + y0 - 2 : page_top + y1 + 2, x0 - 2 : x1 + 2] = False
    # What is left: some pixels of the outline beside which letters stood.
    assert np.count_nonzero(changed) < 60


def texts_of(document: PageDocument) -> list[str]:
    return [region.translation for region in document.regions if region.translation]
