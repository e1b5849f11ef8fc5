"""A drawn page and its ground truth: what the truth says is what the pixels show."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample.balloon import Balloon, Shape
from sample.errors import (
    FontError,
    MarkupError,
    MissingGlyphError,
    OutsideBalloonError,
    OutsidePageError,
    SampleError,
    SpecError,
)
from sample.font import Face
from sample.lettering import Style
from sample.page import PageSpec, Rgb, draw_page, draw_plate, text_masks
from sample.panel import Panel
from sample.random_page import random_page
from sample.scenery import Tone
from sample.sky import NightSky
from sample.text import Text
from sample.truth import Kind, PageTruth


def page(*texts: Text, width: int = 420, height: int = 420) -> PageSpec:
    return PageSpec(width, height, texts=texts)


def changed_box(one: Rgb, other: Rgb) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero((one != other).any(axis=2))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


STYLES = [
    Style(),
    Style(vertical=False),
    Style(Face.HAND, 26, jitter=1.0),
    Style(Face.MINCHO, 19),
    Style(Face.BLACK, 40, tilt=13, grow=0.4, stretch=1.2, rough=1.2, jitter=1.0),
    Style(tilt=-20),
    Style(Face.HAND, 30, tilt=90),
]


@pytest.mark.parametrize("style", STYLES)
def test_the_box_is_exactly_where_the_page_changes(style: Style) -> None:
    spec = page(Text("{星|ほし}だ！！\nあー、12時…", (210, 210), style=style))
    rgb, truth = draw_page(spec)
    assert truth.texts[0].box == changed_box(rgb, draw_plate(spec))


def test_white_ink_on_a_dark_balloon_has_its_exact_box_too() -> None:
    spec = page(Text("だれだ……", (210, 210), style=Style(white=True), balloon=Balloon(dark=True)))
    rgb, truth = draw_page(spec)
    assert truth.texts[0].box == changed_box(rgb, draw_plate(spec))
    assert truth.texts[0].balloon is not None
    assert truth.texts[0].balloon.dark


@pytest.mark.parametrize("shape", list(Shape))
def test_a_text_stands_within_its_balloon(shape: Shape) -> None:
    spec = page(
        Text(
            "{長|なが}い{台詞|せりふ}でも\nはみ出さない\nはずだ。", (210, 210), balloon=Balloon(shape, tail=(330, 380))
        )
    )
    rgb, truth = draw_page(spec)
    text = truth.texts[0]
    assert text.balloon is not None
    bx0, by0, bx1, by1 = text.balloon.box
    assert bx0 < text.box[0] < text.box[2] < bx1
    assert by0 < text.box[1] < text.box[3] < by1
    # Around its ink the inside of a balloon is flat white: no outline runs through the text.
    (mask,) = text_masks(spec)
    around = (cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0) & (mask == 0)
    assert (rgb[around] == 255).all()


def test_balloons_of_one_group_share_their_outline() -> None:
    joined = page(
        Text("そうか", (250, 180), balloon=Balloon(group="a")), Text("なるほど", (200, 230), balloon=Balloon(group="a"))
    )
    apart = page(Text("そうか", (250, 180), balloon=Balloon()), Text("なるほど", (200, 230), balloon=Balloon()))
    assert draw_plate(joined)[205, 222, 0] == 255
    ink = [int((draw_plate(spec) < 128).sum()) for spec in (joined, apart)]
    assert ink[0] < ink[1]
    _, truth = draw_page(joined)
    assert {text.balloon.group for text in truth.texts if text.balloon} == {"a"}


def test_furigana_is_kept_apart_from_the_text() -> None:
    _, truth = draw_page(page(Text("{彗星|すいせい}が\n{来|く}る", (210, 210))))
    text = truth.texts[0]
    assert text.text == "彗星が来る"
    assert [(r.start, r.end, r.text) for r in text.ruby] == [(0, 2, "すいせい"), (3, 4, "く")]
    assert (len(text.lines), len(text.ruby_lines)) == (2, 2)


def test_columns_run_from_right_to_left_and_furigana_stands_to_their_right() -> None:
    _, truth = draw_page(page(Text("{右|みぎ}だよ\n左だよ", (210, 210))))
    first, second = truth.texts[0].lines
    assert min(x for x, _ in first) > max(x for x, _ in second)
    assert min(x for x, _ in truth.texts[0].ruby_lines[0]) >= max(x for x, _ in first) - 2


def test_the_mask_holds_the_rim_and_the_box_does_not() -> None:
    spec = page(Text("ドン", (210, 210), Kind.SFX, Style(Face.BLACK, 80, outline=5)))
    (mask,) = text_masks(spec)
    _, truth = draw_page(spec)
    x0, y0, x1, y1 = truth.texts[0].box
    ys, xs = np.nonzero(mask)
    reach = (x0 - xs.min(), y0 - ys.min(), xs.max() + 1 - x1, ys.max() + 1 - y1)
    assert all(4 <= by <= 6 for by in reach)


def test_nothing_outside_the_masks_differs_from_the_plate() -> None:
    night = Panel(
        ((20, 20), (400, 20), (400, 400), (20, 400)), (NightSky((20, 20, 400, 400)), Tone((20, 300, 400, 400), 0.3))
    )
    spec = PageSpec(420, 420, (night,), (
        Text("ドーン", (120, 200), Kind.SFX, Style(Face.BLACK, 60, tilt=8, outline=4, rough=1)),
        Text("{星|ほし}だ", (300, 200), balloon=Balloon()),
    ))  # fmt: skip
    rgb, _ = draw_page(spec)
    masks = np.maximum.reduce(text_masks(spec))
    assert (rgb == draw_plate(spec))[masks == 0].all()


def test_two_digits_and_two_marks_share_one_cell() -> None:
    heights = []
    for words in ("あ12い", "あ！？い", "あいう"):
        _, truth = draw_page(page(Text(words, (210, 210))))
        heights.append(truth.texts[0].box[3] - truth.texts[0].box[1])
    assert max(heights) - min(heights) <= 3


@pytest.mark.parametrize("mark", ["ー", "…", "〜", "―"])
@pytest.mark.parametrize("face", list(Face))
def test_long_marks_stand_upright_in_a_column(mark: str, face: Face) -> None:
    _, truth = draw_page(page(Text(mark, (210, 210), style=Style(face, 60))))
    x0, y0, x1, y1 = truth.texts[0].box
    assert y1 - y0 > 2 * (x1 - x0)


@pytest.mark.parametrize("mark", ["、", "。"])
@pytest.mark.parametrize("face", list(Face))
def test_a_full_stop_stands_in_the_upper_right_of_its_cell(mark: str, face: Face) -> None:
    _, truth = draw_page(page(Text(f"国{mark}国", (210, 210), style=Style(face, 60))))
    x0, y0, x1, y1 = truth.texts[0].box
    _, masks = (
        draw_page(page(Text("国\u3000国", (210, 210), style=Style(face, 60)))),
        text_masks(page(Text(f"国{mark}国", (210, 210), style=Style(face, 60)))),
    )
    middle = masks[0][y0 + 58 : y1 - 58, x0:x1]
    ys, xs = np.nonzero(middle)
    assert xs.mean() > middle.shape[1] * 0.6
    assert ys.mean() < middle.shape[0] * 0.55


def test_the_same_spec_gives_the_same_pixels() -> None:
    one, two = draw_page(random_page(5, width=420, height=420)), draw_page(random_page(5, width=420, height=420))
    assert np.array_equal(one[0], two[0])
    assert one[1] == two[1]


def test_another_seed_gives_another_page() -> None:
    one, _ = draw_page(random_page(1, width=420, height=420))
    two, _ = draw_page(random_page(2, width=420, height=420))
    assert not np.array_equal(one, two)


def check_truth(truth: PageTruth, rgb: Rgb) -> None:
    assert rgb.shape == (truth.height, truth.width, 3)
    assert rgb.dtype == np.uint8
    assert sorted(text.order for text in truth.texts) == list(range(len(truth.texts)))
    for text in truth.texts:
        x0, y0, x1, y1 = text.box
        assert 0 <= x0 < x1 <= truth.width
        assert 0 <= y0 < y1 <= truth.height
        assert text.text


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(330, 900), st.integers(330, 900), st.booleans())
def test_a_random_page_can_always_be_drawn(seed: int, width: int, height: int, vertical: bool) -> None:
    spec = random_page(seed, width=width, height=height, vertical=vertical)
    rgb, truth = draw_page(spec)
    check_truth(truth, rgb)
    for mask, text in zip(text_masks(spec), truth.texts, strict=True):
        x0, y0, x1, y1 = text.box
        assert mask[y0:y1, x0:x1].any()
        assert mask.any()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_texts_of_a_random_page_do_not_touch(seed: int) -> None:
    masks = text_masks(random_page(seed, width=640, height=800))
    assert max([0, *(np.sum([mask // 255 for mask in masks], axis=0).ravel() if masks else [])]) <= 1


def test_a_text_that_leaves_the_page_is_refused() -> None:
    with pytest.raises(OutsidePageError, match="leaves a page of 420x420"):
        draw_page(page(Text("そとへ", (410, 210))))


def test_a_rim_that_leaves_the_page_is_refused() -> None:
    fits = Text("ドン", (210, 82), style=Style(size=80))
    draw_page(page(fits))
    with pytest.raises(OutsidePageError):
        draw_page(page(Text("ドン", (210, 82), style=Style(size=80, outline=12))))


def test_a_balloon_too_small_for_its_text_is_refused() -> None:
    with pytest.raises(OutsideBalloonError, match="does not fit"):
        draw_page(page(Text("とても長い台詞", (210, 210), balloon=Balloon(radii=(20, 40)))))


@pytest.mark.parametrize("radii", [(0.0, 0.0), (-5.0, 40.0)])
def test_a_balloon_without_inside_is_refused(radii: tuple[float, float]) -> None:
    with pytest.raises(OutsideBalloonError):
        draw_page(page(Text("あ", (210, 210), balloon=Balloon(radii=radii))))


@pytest.mark.parametrize("words", ["한국어", "鑿", "😀", "ก"])
def test_a_character_without_a_glyph_is_refused(words: str) -> None:
    with pytest.raises(MissingGlyphError, match="has no form for"):
        draw_page(page(Text(words, (210, 210))))


@pytest.mark.parametrize(
    "marked", ["{星", "星|ほし", "{星|}", "{|ほし}", "星}", "{星|ほ{し}}", "", "  ", "\n", "\u3000"]
)
def test_broken_or_empty_markup_is_refused(marked: str) -> None:
    with pytest.raises(MarkupError):
        draw_page(page(Text(marked, (210, 210))))


@pytest.mark.parametrize("size", [0, -3, 5, 401])
def test_a_size_that_cannot_be_drawn_is_refused(size: int) -> None:
    with pytest.raises(SpecError, match="px an em"):
        draw_page(page(Text("あ", (210, 210), style=Style(size=size))))


@pytest.mark.parametrize(("width", "height"), [(0, 100), (100, 0), (-1, -1), (20_000, 20_000)])
def test_a_page_without_pixels_or_with_too_many_is_refused(width: int, height: int) -> None:
    with pytest.raises(SpecError):
        draw_page(PageSpec(width, height))


def test_a_random_page_needs_room() -> None:
    with pytest.raises(SpecError, match="at least"):
        random_page(1, width=200, height=900)


def test_a_missing_font_file_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from sample import font

    font.load.cache_clear()
    monkeypatch.setattr(font, "FOLDER", font.FOLDER / "nowhere")
    with pytest.raises(FontError, match=r"Mplus1-Bold\.sub\.otf"):
        font.load(Face.GOTHIC, 33)


@pytest.mark.parametrize("error", [OutsidePageError, OutsideBalloonError, MissingGlyphError, MarkupError])
def test_every_refusal_of_a_spec_names_the_field(error: type[SpecError]) -> None:
    refusal = error("field", "detail")
    assert isinstance(refusal, SampleError)
    assert (refusal.field, refusal.detail, str(refusal)) == ("field", "detail", "field: detail")


def test_an_empty_page_is_only_paper() -> None:
    rgb, truth = draw_page(PageSpec(64, 64))
    assert (rgb == 255).all()
    assert truth.texts == ()
    assert text_masks(PageSpec(64, 64)) == ()


def test_a_panel_off_the_page_is_no_panel() -> None:
    _, truth = draw_page(PageSpec(64, 64, (Panel(((70, 70), (90, 70), (90, 90), (70, 90))),)))
    assert truth.panels == ()
