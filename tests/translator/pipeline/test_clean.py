"""Text goes, everything else stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from translator.pipeline.clean import CropCleaner, margin_px, reach_px
from translator.pipeline.types import Balloon, Box, Detection, Kind, Page, Region, TextLine

TEXT = Box(120, 80, 180, 220)


def region(box: Box = TEXT, balloon: Balloon | None = None, name: str = "r1") -> Region:
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 1.0, (TextLine(box, box.polygon, 1.0),), (), balloon)


def strokes(shape: tuple[int, int], box: Box = TEXT) -> np.ndarray:
    """Something like glyphs: bars and dots inside ``box``."""
    mask = np.zeros(shape, np.uint8)
    for y in range(box.y0 + 8, box.y1 - 8, 14):
        cv2.line(mask, (box.x0 + 10, y), (box.x1 - 10, y + 5), 255, 3)
        cv2.circle(mask, (box.x0 + 20, y + 7), 2, 255, -1)
    return mask


def inked(ground: np.ndarray, mask: np.ndarray, colour: int = 0) -> np.ndarray:
    page = ground.copy()
    page[mask > 0] = colour
    return page


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def oval_balloon(fill: int) -> tuple[np.ndarray, Balloon]:
    ground = np.full((300, 300, 3), 120, np.uint8)
    cv2.ellipse(ground, (150, 150), (90, 110), 0, 0, 360, (fill,) * 3, -1, cv2.LINE_AA)
    cv2.ellipse(ground, (150, 150), (90, 110), 0, 0, 360, (255 - fill,) * 3, 3, cv2.LINE_AA)
    inner = cv2.ellipse2Poly((150, 150), (87, 107), 0, 0, 360, 3)
    contour = tuple((int(x), int(y)) for x, y in inner)
    return ground, Balloon(Box(60, 40, 241, 261), contour, (fill,) * 3)


def clean(ground: np.ndarray, mask: np.ndarray, *regions: Region, colour: int = 0) -> np.ndarray:
    page = Page(1, inked(ground, mask, colour))
    return CropCleaner().clean(page, Detection(regions, mask), regions)


@pytest.mark.parametrize("fill", [255, 238, 12])
def test_a_plain_balloon_is_left_in_its_own_colour(fill: int) -> None:
    ground, balloon = oval_balloon(fill)
    mask = strokes(ground.shape[:2])
    assert np.array_equal(clean(ground, mask, region(balloon=balloon), colour=255 - fill), ground)


def test_an_outline_that_the_mask_has_caught_stays() -> None:
    ground, balloon = oval_balloon(255)
    mask = strokes(ground.shape[:2])
    mask[40:262, 228:242][ground[40:262, 228:242, 0] < 60] = 255
    wide = region(Box(120, 80, 243, 220), balloon)
    assert np.array_equal(clean(ground, mask, wide)[:, 226:], inked(ground, mask)[:, 226:])


def test_jpeg_ringing_around_the_text_of_a_plain_balloon_is_evened_out() -> None:
    ground, balloon = oval_balloon(255)
    mask = strokes(ground.shape[:2])
    _, packed = cv2.imencode(".jpg", inked(ground, mask), [cv2.IMWRITE_JPEG_QUALITY, 60])
    page = Page(1, np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8))
    plate = CropCleaner().clean(page, Detection((), mask), [region(balloon=balloon)])
    assert plate[TEXT.y0 : TEXT.y1, TEXT.x0 : TEXT.x1].min() >= 250


def test_a_flat_ground_without_a_balloon_is_continued() -> None:
    ground = np.full((300, 300, 3), (180, 210, 240), np.uint8)
    mask = strokes(ground.shape[:2])
    assert np.abs(clean(ground, mask, region()).astype(int) - ground).max() <= 1


def test_a_gradient_is_continued() -> None:
    ramp = np.linspace(60, 220, 300).astype(np.uint8)
    ground = np.repeat(np.repeat(ramp[None, :, None], 300, 0), 3, 2)
    mask = strokes(ground.shape[:2])
    difference = np.abs(clean(ground, mask, region()).astype(int) - ground)
    assert difference.max() <= 14


@pytest.mark.parametrize("period", [6, 9])
def test_screentone_is_continued_in_step(period: int) -> None:
    ground = np.full((300, 300, 3), 235, np.uint8)
    for y in range(0, 300, period):
        for x in range((y // period % 2) * period // 2, 300, period):
            cv2.circle(ground, (x, y), 1, (70, 70, 70), -1)
    mask = strokes(ground.shape[:2])
    plate = clean(ground, mask, region())
    wrong = np.abs(plate.astype(int) - ground).max(axis=2) > 40
    assert wrong[mask > 0].mean() < 0.03


@pytest.mark.parametrize("with_balloon", [True, False])
def test_no_pixel_beyond_the_margin_is_changed(with_balloon: bool) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (300, 300, 3), np.uint8)
    mask = strokes(noise.shape[:2])
    balloon = oval_balloon(250)[1] if with_balloon else None
    page = Page(1, noise)
    plate = CropCleaner().clean(page, Detection((), mask), [region(balloon=balloon)])
    changed = (plate != noise).any(axis=2)
    assert changed.any()
    margin = margin_px(page)
    assert not changed[~grown(mask, reach_px(margin) if with_balloon else margin)].any()
    strongly = np.abs(plate.astype(int) - noise).max(axis=2) > 48
    assert not strongly[~grown(mask, margin)].any()


def test_the_page_itself_is_never_changed() -> None:
    ground, balloon = oval_balloon(255)
    mask = strokes(ground.shape[:2])
    page = Page(1, inked(ground, mask))
    before = page.rgb.copy()
    CropCleaner().clean(page, Detection((), mask), [region(balloon=balloon)])
    assert np.array_equal(page.rgb, before)


def test_only_the_regions_asked_for_are_cleaned() -> None:
    ground = np.full((300, 600, 3), 255, np.uint8)
    other = Box(420, 80, 480, 220)
    mask = strokes((300, 600)) | strokes((300, 600), other)
    page = Page(1, inked(ground, mask))
    plate = CropCleaner().clean(page, Detection((), mask), [region()])
    assert (plate[:, :300] == 255).all()
    assert np.array_equal(plate[:, 300:], page.rgb[:, 300:])


def test_a_ground_that_is_not_the_colour_of_its_balloon_is_continued_and_not_painted() -> None:
    ground = np.full((300, 300, 3), 150, np.uint8)
    mask = strokes(ground.shape[:2])
    leaked = Balloon(Box(0, 0, 300, 300), ((0, 0), (299, 0), (299, 299), (0, 299)), (255, 255, 255))
    assert np.abs(clean(ground, mask, region(balloon=leaked)).astype(int) - ground).max() <= 1


def test_a_white_rim_around_letters_on_art_goes_with_them() -> None:
    ground = np.full((300, 300, 3), 150, np.uint8)
    mask = np.zeros((300, 300), np.uint8)
    for y in (105, 150, 195):
        cv2.circle(mask, (150, y), 12, 255, 5)
    rimmed = ground.copy()
    rimmed[grown(mask, 4)] = 255
    plate = clean(rimmed, mask, region())
    assert np.abs(plate.astype(int) - ground).max() <= 12


def test_strokes_that_the_mask_has_missed_in_a_plain_balloon_go_too() -> None:
    ground, balloon = oval_balloon(255)
    drawn = strokes(ground.shape[:2])
    page = Page(1, inked(ground, drawn))
    partial = drawn.copy()
    partial[150:] = 0
    plate = CropCleaner().clean(page, Detection((), partial), [region(balloon=balloon)])
    assert np.array_equal(plate, ground)


def test_a_line_that_is_marked_the_wrong_way_round_is_turned() -> None:
    ground = np.full((300, 300, 3), 235, np.uint8)
    mask = strokes(ground.shape[:2])
    page = Page(1, inked(ground, mask))
    wrong = np.zeros_like(mask)
    wrong[TEXT.y0 : TEXT.y1, TEXT.x0 : TEXT.x1] = 255 - mask[TEXT.y0 : TEXT.y1, TEXT.x0 : TEXT.x1]
    plate = CropCleaner().clean(page, Detection((), wrong), [region()])
    assert np.abs(plate.astype(int) - ground).max() <= 1


def test_a_neighbouring_text_does_not_bleed_into_the_background() -> None:
    ramp = np.linspace(90, 240, 300).astype(np.uint8)
    ground = np.repeat(np.repeat(ramp[None, :, None], 300, 0), 3, 2)
    near = Box(172, 80, 232, 220)
    mask = strokes((300, 300)) | strokes((300, 300), near)
    plate = clean(ground, mask, region(), region(near, name="r2"))
    assert np.abs(plate.astype(int) - ground).max() <= 16


def test_a_panel_border_through_the_text_box_stays() -> None:
    ground = np.full((300, 300, 3), 255, np.uint8)
    ground[:, 176:180] = 0
    mask = strokes(ground.shape[:2], Box(120, 80, 172, 220))
    mask[80:220, 176:180] = 255
    assert np.array_equal(clean(ground, mask, region())[:, 174:], ground[:, 174:])


@pytest.mark.parametrize("box", [Box(0, 0, 300, 300), Box(290, 290, 300, 300), Box(5, 5, 5, 5)])
def test_odd_boxes_do_no_harm(box: Box) -> None:
    ground = np.full((300, 300, 3), 255, np.uint8)
    mask = strokes(ground.shape[:2])
    assert clean(ground, mask, region(box)).shape == ground.shape


def test_a_mask_that_is_the_whole_page_does_no_harm() -> None:
    ground = np.full((60, 60, 3), 200, np.uint8)
    mask = np.full((60, 60), 255, np.uint8)
    assert clean(ground, mask, region(Box(0, 0, 60, 60))).shape == ground.shape


def test_no_text_leaves_the_page_as_it_is() -> None:
    ground = np.full((60, 60, 3), 200, np.uint8)
    mask = np.zeros((60, 60), np.uint8)
    assert np.array_equal(clean(ground, mask, region(Box(0, 0, 60, 60))), ground)
    assert np.array_equal(CropCleaner().clean(Page(1, ground), Detection((), mask), []), ground)


CAPTION = Box(100, 60, 200, 240)


def caption(fill: int = 255) -> tuple[np.ndarray, np.ndarray]:
    """A box on a busy ground, and the marks of its text: no balloon was found."""
    ground = np.random.default_rng(7).integers(0, 120, (300, 300, 3), np.uint8)
    cv2.rectangle(ground, (CAPTION.x0, CAPTION.y0), (CAPTION.x1, CAPTION.y1), (0, 0, 0), 3)
    ground[CAPTION.y0 + 3 : CAPTION.y1 - 2, CAPTION.x0 + 3 : CAPTION.x1 - 2] = fill
    return ground, strokes((300, 300))


def test_a_caption_box_that_was_not_found_is_filled_flat_and_keeps_its_border() -> None:
    ground, mask = caption()
    page = Page(1, inked(ground, mask))
    wide = region(Box(96, 56, 204, 244))
    marked = mask.copy()
    marked[56:64, 96:204] = 255  # the detector has caught a part of the border
    assert np.array_equal(CropCleaner().clean(page, Detection((wide,), marked), [wide]), ground)


def test_strokes_on_a_plain_ground_go_even_where_the_mask_has_missed_them() -> None:
    ground, mask = caption()
    partial = mask.copy()
    partial[:150] = 0
    page = Page(1, inked(ground, mask))
    assert np.array_equal(CropCleaner().clean(page, Detection((), partial), [region()]), ground)


def test_a_gradient_is_no_plain_ground() -> None:
    ramp = np.linspace(200, 250, 300).astype(np.uint8)
    ground = np.repeat(np.repeat(ramp[None, :, None], 300, 0), 3, 2)
    difference = np.abs(clean(ground, strokes((300, 300)), region()).astype(int) - ground)
    assert difference.max() <= 6


def test_a_figure_on_the_plain_ground_beside_the_text_stays() -> None:
    ground = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(ground, (215, 150), 40, (0, 0, 0), 2)
    mask = strokes((300, 300))
    assert np.array_equal(clean(ground, mask, region()), ground)


def test_hatching_goes_on_along_its_lines() -> None:
    ground = np.full((300, 300, 3), 240, np.uint8)
    for x in range(-300, 300, 7):
        cv2.line(ground, (x, 0), (x + 300, 300), (60, 60, 60), 1)
    mask = strokes((300, 300))
    wrong = np.abs(clean(ground, mask, region()).astype(int) - ground).max(axis=2) > 40
    assert wrong[mask > 0].mean() < 0.03


def test_a_panel_border_over_a_screentone_stays() -> None:
    ground = np.full((300, 300, 3), 235, np.uint8)
    ground[::6, ::6] = ground[3::6, 3::6] = 60
    ground[:, 176:180] = 0
    mask = strokes((300, 300), Box(120, 80, 172, 220))
    mask[80:220, 176:180] = 255
    thin = TextLine(Box(124, 80, 150, 220), Box(124, 80, 150, 220).polygon, 1.0)
    place = Region("r1", TEXT, TEXT.polygon, Kind.NARRATION, True, 1.0, (thin,))
    assert (clean(ground, mask, place)[:, 176:180] < 40).all()


def test_lettering_that_is_kept_is_not_touched_by_its_neighbour() -> None:
    ground, balloon = oval_balloon(255)
    other = Box(184, 80, 222, 220)
    mask = strokes((300, 300)) | strokes((300, 300), other)
    near, kept = region(Box(120, 80, 200, 220), balloon), region(other, balloon, "r2")
    near = Region("r1", near.box, near.polygon, near.kind, True, 1.0, region().lines, (), balloon)
    page = Page(1, inked(ground, mask))
    plate = CropCleaner().clean(page, Detection((near, kept), mask), [near])
    window = slice(other.y0, other.y1), slice(other.x0, other.x1)
    assert np.array_equal(plate[window], page.rgb[window])
    assert (plate[100:200, 125:175] == 255).all()


@pytest.mark.parametrize(
    "box", [Box(0, 0, 60, 140), Box(240, 160, 300, 300), Box(0, 270, 300, 300), Box(4, 40, 30, 60)]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_texture_at_the_edge_of_a_page_is_continued_too(box: Box, seed: int) -> None:
    ground = np.random.default_rng(seed).integers(0, 255, (300, 300, 3), np.uint8)
    ground[::5, ::5] = 0
    mask = np.zeros((300, 300), np.uint8)
    mask[box.y0 : box.y1 : 7, box.x0 : box.x1] = 255
    plate = clean(ground, mask, region(box))
    assert plate.shape == ground.shape
    assert (plate != inked(ground, mask)).any()


def toned(low: int, high: int) -> np.ndarray:
    """A gradient with a fine screentone over it."""
    row = np.linspace(low, high, 300)
    ground = np.repeat(np.repeat(row[:, None, None], 300, 1), 3, 2).astype(np.uint8)
    ground[::3, ::3] -= 40
    return ground


def test_a_toned_gradient_has_no_blotches() -> None:
    ground = toned(80, 220)
    mask = strokes((300, 300))
    plate = clean(ground, mask, region())
    shade = [cv2.GaussianBlur(image, (0, 0), 5).astype(int) for image in (plate, ground)]
    assert np.abs(shade[0] - shade[1]).max() <= 6
    assert np.abs(plate.astype(int) - ground)[mask > 0].mean() <= 12


def test_a_line_of_the_art_is_not_copied_into_the_tone_beside_it() -> None:
    ground = toned(180, 220)
    for x in (196, 207):
        cv2.line(ground, (x, 0), (x + 30, 299), (0, 0, 0), 2)
    mask = strokes((300, 300))
    plate = clean(ground, mask, region())
    assert plate[100:200, 125:175].min() > 100


def test_the_white_beyond_a_panels_border_does_not_shine_into_it() -> None:
    ground = toned(70, 110)
    ground[:, :100] = 255
    ground[:, 100:105] = 0
    mask = strokes((300, 300), Box(108, 80, 168, 220))
    place = region(Box(108, 80, 168, 220))
    plate = clean(ground, mask, place)
    assert plate[85:215, 110:166].max() < 150


def test_a_voicing_mark_on_a_screentone_goes_with_its_letter() -> None:
    ground = np.full((300, 300, 3), 235, np.uint8)
    ground[::6, ::6] = ground[3::6, 3::6] = 60
    mask = strokes((300, 300))
    mask[82:86, 170:174] = 255
    page = inked(ground, mask)
    marked = mask.copy()
    marked[80:220, 120:180][page[80:220, 120:180, 0] < 100] = 255  # the detector takes the dots for ink
    plate = CropCleaner().clean(Page(1, page), Detection((), marked), [region()])
    assert (plate[82:86, 170:174].mean()) > 150


def test_a_text_that_is_nothing_but_dots_of_a_tone_is_left_as_it_is() -> None:
    rgb = np.full((200, 200, 3), 255, np.uint8)
    mask = np.zeros((200, 200), np.uint8)
    for y in range(60, 140, 5):
        for x in range(60, 140, 5):
            rgb[y : y + 2, x : x + 2] = 0
            mask[y : y + 2, x : x + 2] = 255
    box = Box(55, 55, 145, 145)
    region = Region("r0001", box, box.polygon, Kind.SFX, True, 0.9, (TextLine(box, box.polygon, 0.9),))
    plate = CropCleaner().clean(Page(1, rgb), Detection((region,), mask), [region])
    assert plate.shape == rgb.shape


RIM_PX = 4


def drawn_art() -> np.ndarray:
    """Two tones with lines across them: no mask that is cut at one tone is right on it."""
    ground = np.full((300, 300, 3), 215, np.uint8)
    ground[:, 150:] = 130
    ground[1::5, 1::5] = 90
    for end in range(0, 300, 60):
        cv2.line(ground, (end, 0), (300 - end, 299), (20, 20, 20), 2, cv2.LINE_AA)
    return ground


def rimmed_on_art() -> tuple[np.ndarray, np.ndarray]:
    """The page, and its letters with their rims."""
    letters = np.zeros((300, 300), np.uint8)
    for y in (100, 148, 196):
        cv2.line(letters, (132, y - 12), (168, y - 10), 255, 5)
        cv2.circle(letters, (150, y + 6), 10, 255, 5)
    whole = grown(letters, RIM_PX)
    page = drawn_art()
    page[whole] = 255
    page[letters > 0] = 0
    return page, whole


def wrong_marks(page: np.ndarray) -> dict[str, np.ndarray]:
    """What detectors have made of it."""
    box = np.zeros((300, 300), np.uint8)
    box[TEXT.y0 : TEXT.y1, TEXT.x0 : TEXT.x1] = 255
    grey = page[:, :, 0]
    return {
        "right": np.where(grey < 60, box, 0).astype(np.uint8),
        "the wrong way round": np.where(grey >= 60, box, 0).astype(np.uint8),
        "everything": box,
        "half of the art": np.where(grey < 180, box, 0).astype(np.uint8),
        "nothing": np.zeros((300, 300), np.uint8),
    }


@pytest.mark.parametrize("mark", ["right", "the wrong way round", "everything", "half of the art", "nothing"])
def test_letters_on_art_go_and_the_art_stays_however_they_were_marked(mark: str) -> None:
    page, whole = rimmed_on_art()
    plate = CropCleaner().clean(Page(1, page), Detection((), wrong_marks(page)[mark]), [region()])
    changed = (plate != page).any(axis=2)
    assert not changed[~grown(whole, 7)].any()
    truth = drawn_art().astype(int)
    before, after = (np.abs(picture.astype(int) - truth).mean(axis=2)[whole].mean() for picture in (page, plate))
    assert after < 0.35 * before


def test_art_that_was_taken_for_a_text_is_left_whole() -> None:
    ground = np.random.default_rng(2).integers(0, 90, (300, 300, 3), np.uint8)
    cv2.circle(ground, (150, 150), 45, (230, 230, 230), -1)
    mask = np.zeros((300, 300), np.uint8)
    mask[TEXT.y0 : TEXT.y1 : 8, TEXT.x0 : TEXT.x1] = 255
    mask[100:200, 125:175] = 255
    assert np.array_equal(CropCleaner().clean(Page(1, ground), Detection((), mask), [region()]), ground)
