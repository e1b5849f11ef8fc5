"""The pictures: pages whole, strips as tiles that can be read, boxes drawn beside the lettering."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from translator.pipeline.types import Box, Rgb
from translator.translation.asked import Asked
from translator.translation.views import View, views_of


def asked(*boxes: Box | None) -> list[Asked]:
    return [Asked(str(i + 1), 7, i, f"r{i}", "text", "dialogue", box=box) for i, box in enumerate(boxes)]


def blank(height: int, width: int) -> Rgb:
    return np.full((height, width, 3), 255, np.uint8)


def opened(view: View) -> Rgb:
    return np.asarray(Image.open(io.BytesIO(view.image.data)).convert("RGB"))


def test_a_page_is_one_picture_at_its_own_size() -> None:
    (view,) = views_of(7, blank(1170, 824), asked(Box(100, 100, 200, 300)))
    assert opened(view).shape == (1170, 824, 3)
    assert view.title == "Page 7:"


def test_a_large_page_is_made_smaller_and_its_boxes_with_it() -> None:
    (view,) = views_of(7, blank(4000, 3000), asked(Box(1500, 2000, 2100, 3000)))
    picture = opened(view)
    assert picture.shape == (1536, 1152, 3)
    rows, columns = np.nonzero(picture.min(axis=2) < 200)
    assert columns.min() == pytest.approx(1500 * 0.384, abs=8)
    assert columns.max() == pytest.approx(2100 * 0.384, abs=8)
    assert rows.max() == pytest.approx(3000 * 0.384, abs=8)
    assert 2000 * 0.384 - 60 < rows.min() < 2000 * 0.384


def test_the_frame_and_its_number_do_not_cover_the_lettering() -> None:
    box = Box(100, 100, 300, 260)
    (view,) = views_of(7, blank(1170, 824), asked(box))
    inside = opened(view)[box.y0 + 4 : box.y1 - 4, box.x0 + 4 : box.x1 - 4]
    assert inside.min() > 235


def test_a_box_at_the_edge_keeps_its_number_on_the_page() -> None:
    (view,) = views_of(7, blank(600, 400), asked(Box(380, 0, 400, 100), Box(0, 590, 30, 600), Box(0, 0, 400, 600)))
    assert opened(view).shape == (600, 400, 3)


def test_a_strip_becomes_tiles_and_only_those_with_texts_are_sent() -> None:
    boxes = [Box(100, y, 600, y + 200) for y in (300, 5000, 13_700)]
    views = views_of(7, blank(14_046, 720), asked(*boxes))
    assert 1 < len(views) <= 3
    assert views[0].parts >= 10
    for view in views:
        height, width, _ = opened(view).shape
        assert width == 720
        assert height <= 1.3 * 1.6 * 720
    assert views[0].title == f"Page 7, part 1 of {views[0].parts}, from top to bottom:"


def test_tiles_cover_a_strip_and_no_text_is_cut_where_it_can_be_helped() -> None:
    boxes = [Box(50, y, 650, y + 180) for y in range(100, 13_800, 400)]
    views = views_of(7, blank(14_046, 720), asked(*boxes))
    assert (views[0].top, views[-1].bottom) == (0, 14_046)
    assert all(later.top < earlier.bottom for earlier, later in pairwise(views))
    assert all(any(view.top <= box.y0 and box.y1 <= view.bottom for view in views) for box in boxes)


def test_texts_without_boxes_are_sent_with_the_whole_page() -> None:
    (view,) = views_of(7, blank(500, 400), asked(None))
    assert opened(view).min() > 240


def test_the_page_itself_is_not_drawn_on() -> None:
    page = blank(500, 400)
    views_of(7, page, asked(Box(10, 10, 90, 90)))
    assert page.min() == 255


def test_a_tiny_page_is_a_picture_too() -> None:
    (view,) = views_of(7, blank(1, 1), asked(Box(0, 0, 1, 1)))
    assert opened(view).shape == (1, 1, 3)
