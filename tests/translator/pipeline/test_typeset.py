"""Texts are set inside their balloons, at even sizes, in their language, or the page says what went wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from translator.pipeline.fonts import FontBook
from translator.pipeline.sizes import size_range
from translator.pipeline.types import Balloon, Box, Kind, Origin, Placement, Region, TextLine, Translation, Typeset
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
WIDTH, HEIGHT = 830, 1170


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def paper(value: int = 255) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), value, np.uint8)


def oval(plate: np.ndarray, x: int, y: int, rx: int, ry: int, fill: int = 255) -> Balloon:
    cv2.ellipse(plate, (x, y), (rx + 3, ry + 3), 0, 0, 360, (255 - fill,) * 3, 3, cv2.LINE_AA)
    cv2.ellipse(plate, (x, y), (rx, ry), 0, 0, 360, (fill,) * 3, -1, cv2.LINE_AA)
    points = cv2.ellipse2Poly((x, y), (rx, ry), 0, 0, 360, 2)
    return Balloon(Box(x - rx, y - ry, x + rx + 1, y + ry + 1), tuple((int(a), int(b)) for a, b in points), (fill,) * 3)


def region(name: str, box: Box, balloon: Balloon | None = None, kind: Kind = Kind.DIALOGUE) -> Region:
    columns = tuple(Box(x, box.y0, min(x + 22, box.x1), box.y1) for x in range(box.x0, box.x1, 26))
    lines = tuple(TextLine(column, column.polygon, 1.0) for column in columns)
    return Region(name, box, box.polygon, kind, box.height > box.width, 1.0, lines, (), balloon)


def inside(balloon: Balloon) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.array(balloon.contour, np.int32)], 255)
    return mask > 0


def one(
    typesetter: BalloonTypesetter, plate: np.ndarray, place: Region, text: str, *, target: str = "en"
) -> tuple[Typeset, Placement]:
    done = typesetter.typeset(plate, [place], [Translation(place.id, text, Origin.MODEL)], target=target)
    return done, done.placements[0]


LONG = "You have the academic ability to enter those top universities."


@pytest.mark.parametrize("shape", [(70, 110), (110, 70), (90, 90), (48, 120)])
@pytest.mark.parametrize("text", ["?", "Hello.", "Why me...", LONG])
def test_all_ink_stays_inside_the_balloon(typesetter: BalloonTypesetter, shape: tuple[int, int], text: str) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, *shape)
    place = region("r1", Box(375, 500 - shape[1] // 2, 425, 500 + shape[1] // 2), balloon)
    done, placement = one(typesetter, plate, place, text)
    changed = (done.rgb != plate).any(axis=2)
    assert changed.any()
    assert not (changed & ~inside(balloon)).any()
    assert not placement.overflow
    assert done.warnings == ()
    assert " ".join(line.text for line in placement.lines) == text.upper()


def test_a_text_is_centred_in_its_balloon(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 100, 120)
    done, _ = one(typesetter, plate, region("r1", Box(370, 430, 430, 570), balloon), LONG)
    rows, columns = np.nonzero((done.rgb != plate).any(axis=2))
    assert abs((rows.min() + rows.max()) / 2 - 500) <= 3
    assert abs((columns.min() + columns.max()) / 2 - 400) <= 3


def test_the_middle_lines_of_an_oval_are_the_longest(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 85, 110)
    _, placement = one(typesetter, plate, region("r1", Box(370, 430, 430, 570), balloon), LONG)
    widths = [line.width for line in placement.lines]
    assert len(widths) >= 4
    assert max(widths[1:-1]) > max(widths[0], widths[-1])


def test_a_roomy_balloon_is_filled(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 75, 90)
    _, placement = one(typesetter, plate, region("r1", Box(370, 430, 430, 570), balloon), "This must be where it fell.")
    assert placement.size_px >= 0.9 * size_range(WIDTH, HEIGHT).wanted


def test_texts_in_one_contour_have_one_size(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    both = Balloon(Box(300, 400, 520, 700), ((300, 400), (520, 400), (520, 700), (300, 700)), (255, 255, 255))
    plate[400:701, 300:521] = 255
    places = [region("a", Box(380, 420, 440, 520), both), region("b", Box(380, 590, 440, 690), both)]
    texts = [Translation("a", LONG, Origin.MODEL), Translation("b", "Really, now?", Origin.MODEL)]
    done = typesetter.typeset(plate, places, texts, target="en")
    assert len({placement.size_px for placement in done.placements}) == 1


def test_a_caption_box_that_was_not_found_still_holds_its_text(typesetter: BalloonTypesetter) -> None:
    plate = np.random.default_rng(5).integers(0, 120, (HEIGHT, WIDTH, 3), np.uint8)
    plate[300:460, 500:640] = 255
    done, _ = one(
        typesetter, plate, region("r1", Box(520, 310, 620, 450)), "No one may enter the hill behind the town."
    )
    changed = (done.rgb != plate).any(axis=2)
    changed[300:460, 500:640] = False
    assert not changed.any()


def test_a_text_without_a_balloon_stays_in_its_panel(typesetter: BalloonTypesetter) -> None:
    plate = np.random.default_rng(5).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    place = region("r1", Box(395, 300, 425, 440))
    panel = Box(390, 200, 800, 700)
    texts = [Translation("r1", "Everything falls back to the ground", Origin.MODEL)]
    done = typesetter.typeset(plate, [place], texts, target="en", panels=[Box(0, 0, 380, 700), panel])
    rows, columns = np.nonzero((done.rgb != plate).any(axis=2))
    assert columns.min() >= panel.x0
    assert rows.max() < panel.y1


def test_nothing_is_set_over_lettering_that_is_kept(typesetter: BalloonTypesetter) -> None:
    kept = Box(450, 480, 700, 720)
    texts = [Translation("r1", "Everything falls back to the ground", Origin.MODEL)]
    place = region("r1", Box(400, 500, 440, 700))
    done = typesetter.typeset(paper(), [place], texts, target="en", kept=[kept])
    changed = (done.rgb != paper()).any(axis=2)
    assert changed.any()
    assert not changed[kept.y0 : kept.y1, kept.x0 : kept.x1].any()


def test_balloons_of_many_sizes_share_one_letter_size(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    places = []
    for i, (rx, ry) in enumerate([(70, 90), (80, 110), (100, 100), (120, 130), (75, 95)]):
        x, y = 140 + 260 * (i % 3), 200 + 400 * (i // 3)
        places.append(region(f"r{i}", Box(x - 30, y - 60, x + 30, y + 60), oval(plate, x, y, rx, ry)))
    texts = [Translation(place.id, "You are going to help us.", Origin.MODEL) for place in places]
    done = typesetter.typeset(plate, places, texts, target="en")
    assert len({placement.size_px for placement in done.placements}) == 1


def test_a_shout_that_was_large_stays_larger(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    places = [region(f"r{i}", Box(120 + 250 * i, 300, 180 + 250 * i, 420)) for i in range(3)]
    balloons = [oval(plate, 150 + 250 * i, 360, 110, 120) for i in range(3)]
    wide = Box(620, 300, 680, 420)
    placed = [
        Region(
            p.id, p.box, p.polygon, p.kind, True, 1.0, p.lines if i < 2 else (TextLine(wide, wide.polygon, 1.0),), (), b
        )
        for i, (p, b) in enumerate(zip(places, balloons, strict=True))
    ]
    done = typesetter.typeset(plate, placed, [Translation(p.id, "No!", Origin.MODEL) for p in placed], target="en")
    small, same, large = (placement.size_px for placement in done.placements)
    assert small == same < large


def test_joined_balloons_are_two_areas(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    both = Balloon(Box(300, 400, 500, 700), ((300, 400), (500, 400), (500, 700), (300, 700)), (255, 255, 255))
    plate[400:701, 300:501] = 255
    places = [region("a", Box(370, 430, 430, 530), both), region("b", Box(370, 580, 430, 680), both)]
    done = typesetter.typeset(plate, places, [Translation(i, LONG, Origin.MODEL) for i in "ab"], target="en")
    first, second = done.placements
    assert max(line.origin_xy[1] + line.height for line in first.lines) < min(
        line.origin_xy[1] for line in second.lines
    )


def test_a_dark_balloon_gets_light_letters(typesetter: BalloonTypesetter) -> None:
    plate = paper()
    done, placement = one(
        typesetter, plate, region("r1", Box(370, 430, 430, 570), oval(plate, 400, 500, 90, 110, fill=10)), "Go."
    )
    assert placement.fill_rgb == (255, 255, 255)
    assert placement.stroke_rgb is None
    assert done.rgb[430:570, 330:470].max() == 255


def test_text_on_art_gets_an_outline(typesetter: BalloonTypesetter) -> None:
    plate = np.random.default_rng(5).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    _, placement = one(typesetter, plate, region("r1", Box(400, 500, 440, 700)), "Because someday")
    assert placement.stroke_rgb is not None
    assert placement.stroke_px >= 2


def test_text_on_a_quiet_ground_needs_no_outline(typesetter: BalloonTypesetter) -> None:
    _, placement = one(typesetter, paper(), region("r1", Box(400, 500, 440, 700)), "Because someday")
    assert placement.stroke_rgb is None


def test_a_narrow_column_is_widened_for_latin_letters_but_not_over_its_neighbours(
    typesetter: BalloonTypesetter,
) -> None:
    plate = paper()
    places = [region("a", Box(400, 500, 440, 700)), region("b", Box(450, 500, 490, 700))]
    texts = [Translation("a", "Everything falls back to the ground", Origin.MODEL)]
    done = typesetter.typeset(plate, places, texts, target="en")
    placed = done.placements[0]
    assert len(placed.lines) <= 6
    assert placed.area.width > 60


@pytest.mark.parametrize("box", [Box(0, 0, 30, 200), Box(800, 900, 830, 1170), Box(0, 1140, 40, 1170)])
def test_text_at_the_edge_of_the_page_stays_on_it(typesetter: BalloonTypesetter, box: Box) -> None:
    _, placement = one(typesetter, paper(), region("r1", box), "Everything falls back to the ground")
    for line in placement.lines:
        assert line.origin_xy[0] >= 0
        assert line.origin_xy[1] >= 0
        assert line.origin_xy[0] + line.width <= WIDTH
        assert line.origin_xy[1] + line.height <= HEIGHT


def test_a_text_that_cannot_fit_is_marked_and_named(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 22, 22)
    done, placement = one(typesetter, plate, region("r7", Box(385, 485, 415, 515), balloon), LONG * 3)
    assert placement.overflow
    assert placement.size_px == size_range(WIDTH, HEIGHT).least
    assert "r7" in done.warnings[0]
    assert placement.stroke_rgb is not None


def test_no_letter_is_smaller_than_readable(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 55, 60)
    _, placement = one(typesetter, plate, region("r1", Box(375, 460, 425, 540), balloon), LONG)
    assert placement.size_px >= size_range(WIDTH, HEIGHT).least


def test_a_glyph_that_no_font_has_is_left_out_and_named(typesetter: BalloonTypesetter) -> None:
    done, placement = one(typesetter, paper(), region("r1", Box(400, 500, 440, 700)), "Hi \U0001f600 you")
    assert " ".join(line.text for line in placement.lines) == "HI YOU"
    assert "U+1F600" in done.warnings[0]


def test_a_text_of_unknown_glyphs_alone_has_no_placement_but_a_warning(typesetter: BalloonTypesetter) -> None:
    place = region("r1", Box(400, 500, 440, 700))
    done = typesetter.typeset(paper(), [place], [Translation("r1", "\U0001f600", Origin.MODEL)], target="en")
    assert done.placements == ()
    assert len(done.warnings) == 1


@pytest.mark.parametrize(("text", "origin"), [("", Origin.MODEL), (" \n ", Origin.USER), ("夢", Origin.KEPT_SOURCE)])
def test_nothing_to_set_leaves_the_page_as_it_is(typesetter: BalloonTypesetter, text: str, origin: Origin) -> None:
    plate = paper()
    place = region("r1", Box(400, 500, 440, 700))
    done = typesetter.typeset(plate, [place], [Translation("r1", text, origin)], target="en")
    assert np.array_equal(done.rgb, plate)
    assert done.placements == ()


def test_a_translation_of_an_unknown_region_is_not_set(typesetter: BalloonTypesetter) -> None:
    done = typesetter.typeset(paper(), [], [Translation("ghost", "Boo", Origin.MODEL)], target="en")
    assert done.placements == ()


def test_the_plate_is_not_changed_and_the_result_is_the_same_each_time(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    place = region("r1", Box(370, 430, 430, 570), oval(plate, 400, 500, 90, 110))
    before = plate.copy()
    first, _ = one(typesetter, plate, place, LONG)
    again, _ = one(BalloonTypesetter(FontBook(FONTS)), plate, place, LONG)
    assert np.array_equal(plate, before)
    assert np.array_equal(first.rgb, again.rgb)
    assert first.placements == again.placements


def test_chinese_is_set_in_columns_from_right_to_left(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    place = region("r1", Box(370, 430, 430, 570), oval(plate, 400, 500, 50, 70))
    _, placement = one(typesetter, plate, place, "你明明有考入一流大學的能力啊！", target="zh-TW")
    assert placement.vertical
    assert len(placement.lines) > 1
    lefts = [line.origin_xy[0] for line in placement.lines]
    assert lefts == sorted(lefts, reverse=True)
    assert "".join(line.text for line in placement.lines) == "你明明有考入一流大學的能力啊！"
    assert all(line.text[0] != "！" for line in placement.lines)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("ru", "Съешь ещё этих мягких французских булок"),
        ("vi", "Tôi không thể tin được điều này"),
        ("ko", "나는 이것을 믿을 수 없어요"),
        ("ja", "今日はいい天気ですね。"),
        ("fr", "Ça, c’est déjà arrivé à Noël !"),
        ("de", "Größe zählt, Süße — äußerst!"),
    ],
)
def test_other_languages_are_set_without_a_missing_glyph(typesetter: BalloonTypesetter, target: str, text: str) -> None:
    plate = paper(150)
    balloon = oval(plate, 400, 500, 110, 110)
    done, placement = one(typesetter, plate, region("r1", Box(360, 430, 440, 570), balloon), text, target=target)
    assert done.warnings == ()
    assert not placement.overflow
    assert not ((done.rgb != plate).any(axis=2) & ~inside(balloon)).any()


@pytest.mark.parametrize("contour", [(), ((400, 500),), ((400, 500), (401, 500), (400, 501))])
def test_a_balloon_without_an_inside_counts_as_none(
    typesetter: BalloonTypesetter, contour: tuple[tuple[int, int], ...]
) -> None:
    balloon = Balloon(Box(400, 500, 402, 502), contour, (255, 255, 255))
    _, placement = one(typesetter, paper(), region("r1", Box(370, 430, 430, 570), balloon), "Hello")
    assert placement.lines[0].text == "HELLO"


@pytest.mark.parametrize("size", [(1, 1), (40, 30), (14_000, 800)])
def test_pages_of_any_size_can_be_set(typesetter: BalloonTypesetter, size: tuple[int, int]) -> None:
    plate = np.full((*size, 3), 255, np.uint8)
    box = Box(0, 0, min(size[1], 60), min(size[0], 90))
    done = typesetter.typeset(plate, [region("r1", box)], [Translation("r1", "Hello", Origin.MODEL)], target="en")
    assert done.rgb.shape == plate.shape
    assert len(done.placements) == 1


def test_two_texts_on_art_do_not_run_into_each_other(typesetter: BalloonTypesetter) -> None:
    plate = np.random.default_rng(9).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    places = [region("a", Box(400, 500, 430, 600)), region("b", Box(436, 500, 466, 600))]
    texts = [Translation("a", "Wait a little!", Origin.MODEL), Translation("b", "Hold on right there!", Origin.MODEL)]
    first, second = typesetter.typeset(plate, places, texts, target="en").placements
    boxes = [
        [Box(*line.origin_xy, line.origin_xy[0] + line.width, line.origin_xy[1] + line.height) for line in one.lines]
        for one in (first, second)
    ]
    assert not any(a.intersection(b).area for a in boxes[0] for b in boxes[1])


def test_a_balloon_of_which_too_little_was_found_lends_its_ground(typesetter: BalloonTypesetter) -> None:
    found = Balloon(Box(385, 485, 416, 516), ((385, 485), (415, 485), (415, 515), (385, 515)), (255, 255, 255))
    done, placement = one(typesetter, paper(), region("r1", Box(370, 440, 430, 560), found), "Really good on you.")
    assert not placement.overflow
    assert done.warnings == ()


def test_a_text_in_a_balloon_leaves_room_for_one_that_has_none(typesetter: BalloonTypesetter) -> None:
    plate = paper()
    wide = Balloon(Box(380, 440, 560, 640), ((380, 440), (560, 440), (560, 640), (380, 640)), (255, 255, 255))
    places = [region("a", Box(386, 460, 470, 620), wide), region("b", Box(440, 480, 500, 600))]
    texts = [Translation("a", "Wait a moment!", Origin.MODEL), Translation("b", "A little", Origin.MODEL)]
    first, second = typesetter.typeset(plate, places, texts, target="en").placements
    assert max(line.origin_xy[0] + line.width for line in first.lines) < min(line.origin_xy[0] for line in second.lines)


@pytest.mark.parametrize("right_is_short", [True, False])
def test_columns_fit_a_balloon_that_is_lower_on_one_side(
    typesetter: BalloonTypesetter, *, right_is_short: bool
) -> None:
    plate = paper(150)
    corners = (
        [(380, 420), (440, 440), (440, 560), (380, 580)]
        if right_is_short
        else [(380, 440), (440, 420), (440, 580), (380, 560)]
    )
    cv2.fillPoly(plate, [np.array(corners, np.int32)], (255, 255, 255))
    balloon = Balloon(Box(380, 420, 441, 581), tuple(corners), (255, 255, 255))
    place = region("r1", Box(384, 440, 436, 560), balloon)
    for text in ("哦哦……原來如此", "原來如此啊，哦哦……", "原來是這樣子的一件事情啊"):
        done, placement = one(typesetter, plate, place, text, target="zh-Hant")
        assert not placement.overflow
        assert not ((done.rgb != plate).any(axis=2) & ~inside(balloon)).any()


def width_of(placement: Placement) -> int:
    return max(line.width for line in placement.lines)


def test_one_long_word_in_a_narrow_balloon_is_set_in_narrower_letters(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    narrow, wide = oval(plate, 250, 500, 33, 100), oval(plate, 550, 500, 120, 120)
    places = [
        region("narrow", Box(235, 440, 265, 560), narrow),
        region("wide", Box(520, 440, 580, 560), wide),
    ]
    texts = [Translation(place.id, "Balloons?", Origin.MODEL) for place in places]
    small, large = typesetter.typeset(plate, places, texts, target="en").placements
    assert [line.text for line in small.lines] == ["BALLOONS?"]
    # As wide letters of that size would be wider than the balloon has room for.
    assert width_of(small) / small.size_px < 0.97 * width_of(large) / large.size_px
    assert width_of(small) < 66
    assert not small.overflow


def test_letters_keep_their_width_where_the_text_fits(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    sizes = []
    for rx in (90, 110, 130):
        _, placement = one(
            typesetter, plate, region("r1", Box(370, 430, 430, 570), oval(plate, 400, 500, rx, 120)), "Balloons?"
        )
        sizes.append(width_of(placement) / placement.size_px)
    assert max(sizes) - min(sizes) < 0.15


def test_columns_are_never_made_narrower(typesetter: BalloonTypesetter) -> None:
    plate = paper(150)
    place = region("r1", Box(380, 440, 420, 560), oval(plate, 400, 500, 30, 90))
    _, placement = one(typesetter, plate, place, "你明明有能力考上那些名牌大学的", target="zh-Hans")
    assert all(line.width >= 0.8 * placement.size_px for line in placement.lines)
