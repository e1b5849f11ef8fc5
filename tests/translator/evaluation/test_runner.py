"""Pages are read as a job reads them; one that cannot be is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.translator.evaluation.pages import LEFT, RIGHT, TRUTH
from translator.evaluation.runner import evaluate_page, open_page, read_page
from translator.evaluation.truth import TruthError
from translator.pipeline.protocols import Detector, Orderer, Reader
from translator.pipeline.types import Box, Detection, Kind, Line, Page, Reading, ReadingDirection, Region

BLANK = Page(1, np.full((400, 400, 3), 255, np.uint8))
REGIONS = tuple(
    Region(name, box, box.polygon, Kind.DIALOGUE, True, 0.9) for name, box in (("left", LEFT), ("right", RIGHT))
)


class Found:
    """Finds, reads and orders what it was given, in three stages."""

    name = "found"

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    @property
    def detector(self) -> Detector:
        return self

    @property
    def reader(self) -> Reader:
        return self

    @property
    def orderer(self) -> Orderer:
        return self

    def detect(self, page: Page) -> Detection:
        return Detection(REGIONS, np.zeros(page.rgb.shape[:2], np.uint8), TRUTH.panels)

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        return tuple(Reading(region.id, self._texts.get(region.id, ""), 0.5) for region in detection.regions)

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        return Line("left", 1), Line("right", 0)

    def panels(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Box, ...]:
        return detection.panels


def test_texts_are_scored_in_the_order_that_the_orderer_gave() -> None:
    result = evaluate_page(TRUTH, BLANK, Found({"right": "今日は雨!", "left": "傘がない…"}))
    assert [text.id for text in result.found.texts] == ["right", "left"]
    assert not result.errors.counts


def test_a_region_in_which_nothing_was_read_was_not_found() -> None:
    result = evaluate_page(TRUTH, BLANK, Found({"right": "今日は雨!"}))
    assert [text.id for text in result.found.unread] == ["left"]
    assert (result.score.found, result.score.covered) == (1, 1)


def test_each_stage_is_timed() -> None:
    read = read_page(BLANK, Found({}), ReadingDirection.AUTO)
    assert set(read.stages_s) == {"detect", "read", "order"}


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty_page"), (b"text", "not_an_image"), (None, "No such file")])
def test_an_image_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None, reason: str) -> None:
    path = tmp_path / "000.png"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(TruthError, match=rf"000\.png: {reason}"):
        open_page(path)


def test_an_image_is_decoded_as_a_page_is(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (30, 20), 9).save(tmp_path / "000.png", exif=exif.tobytes())
    assert open_page(tmp_path / "000.png").rgb.shape == (30, 20, 3)
