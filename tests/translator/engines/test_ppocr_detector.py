"""The default detector on drawn pages: blocks, balloons, kinds, panels and ink."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet, talking_page
from translator.engines.ppocr_detector import DetectorSettings, PpOcrDetector
from translator.engines.ppocr_models import ModelMissingError, model_path
from translator.pipeline.types import Box, Detection, Kind, Page


@pytest.fixture(scope="module")
def found(detector: PpOcrDetector) -> Detection:
    return detector.detect(talking_page().page)


def test_each_text_is_one_block(found: Detection) -> None:
    assert len(found.regions) == 5
    assert sorted(len(region.lines) for region in found.regions) == [1, 1, 2, 2, 2]
    assert all(region.vertical for region in found.regions)


def test_ids_are_unique_and_count_down_the_page(found: Detection) -> None:
    assert [region.id for region in found.regions] == [f"r{n:04d}" for n in range(1, 6)]
    tops = [min(line.box.y0 for line in region.lines) for region in found.regions]
    assert tops == sorted(tops)


def test_every_text_stands_in_its_balloon(found: Detection) -> None:
    for region in found.regions:
        assert region.balloon is not None
        assert region.balloon.fill_rgb == (255, 255, 255)
        for line in region.lines:
            assert region.balloon.box.intersection(line.box).area > 0.85 * line.box.area


def test_a_box_is_narration_and_an_oval_dialogue(found: Detection) -> None:
    kinds = [region.kind for region in found.regions]
    assert kinds.count(Kind.NARRATION) == 1
    assert kinds.count(Kind.DIALOGUE) == 4


def test_panels_are_found(found: Detection) -> None:
    assert len(found.panels) == 4


def test_the_mask_has_the_letters_and_not_the_balloon(found: Detection) -> None:
    rgb = talking_page().rgb
    region = max(found.regions, key=lambda each: each.box.area)
    box = region.box
    inside = found.mask[box.y0 : box.y1, box.x0 : box.x1] > 0
    dark = rgb[box.y0 : box.y1, box.x0 : box.x1, 0] < 100
    assert inside[dark].mean() > 0.98
    outside = found.mask.copy()
    for each in found.regions:
        outside[each.box.y0 : each.box.y1, each.box.x0 : each.box.x1] = 0
    assert not outside.any()


def test_the_same_page_gives_the_same_answer(detector: PpOcrDetector, found: Detection) -> None:
    again = detector.detect(talking_page().page)
    assert again.regions == found.regions
    assert np.array_equal(again.mask, found.mask)


def test_horizontal_text_is_found_as_rows(detector: PpOcrDetector) -> None:
    sheet = Sheet(600, 800)
    sheet.panel((40, 40, 560, 760))
    sheet.oval((100, 200, 500, 500))
    sheet.row("I forgot my", 190, 300, size=36)
    sheet.row("umbrella", 210, 345, size=36)
    (region,) = detector.detect(sheet.page).regions
    assert not region.vertical
    assert len(region.lines) == 2


def test_white_text_in_a_dark_balloon_is_found(detector: PpOcrDetector) -> None:
    sheet = Sheet(600, 800)
    sheet.panel((40, 40, 560, 760))
    sheet.oval((150, 150, 450, 600), fill=(15, 15, 15), ink=255)
    sheet.columns(["誰かいるの", "ですか今も"], 340, 280, size=34, ink=255)
    (region,) = detector.detect(sheet.page).regions
    assert region.balloon is not None
    assert region.balloon.is_dark


def test_a_strip_keeps_a_text_that_stands_on_a_tile_border_whole(detector: PpOcrDetector) -> None:
    sheet = Sheet(400, 2400)
    tops = [120 + 260 * n for n in range(8)]
    for top in tops:
        sheet.oval((100, top, 300, top + 230))
        sheet.columns(["雨が降る", "らしいよ"], 240, top + 55, size=30)
    regions = detector.detect(sheet.page).regions
    assert len(regions) == len(tops)
    assert all(len(region.lines) == 2 for region in regions)


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (40, 30)])
def test_a_page_without_text_has_no_regions(detector: PpOcrDetector, shape: tuple[int, int], value: int) -> None:
    found = detector.detect(Page(1, np.full((*shape, 3), value, np.uint8)))
    assert found.regions == ()
    assert found.mask.shape == shape
    assert not found.mask.any()


def test_a_page_is_not_changed(detector: PpOcrDetector) -> None:
    page = talking_page().page
    before = page.rgb.copy()
    detector.detect(page)
    assert np.array_equal(page.rgb, before)


def test_boxes_stay_on_the_page(detector: PpOcrDetector) -> None:
    sheet = Sheet(300, 400)
    sheet.columns(["雨が降る"], 299, 2, size=34)
    for region in detector.detect(sheet.page).regions:
        assert region.box.intersection(Box(0, 0, 300, 400)) == region.box


def test_no_threads_are_refused() -> None:
    with pytest.raises(ValueError, match="threads"):
        PpOcrDetector(DetectorSettings(threads=0))


def test_a_model_that_the_wheel_does_not_have_is_named() -> None:
    with pytest.raises(ModelMissingError, match=r"no_such\.onnx"):
        model_path("no_such.onnx")
