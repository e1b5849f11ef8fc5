"""An edited page document, set again: what a person changed is what the page shows, and the rest stays."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from contract.document import DocumentRegion, PageDocument
from contract.errors import BadMessage
from contract.image_format import ImageFormat
from contract.pinned import BalloonShape, Pinned
from translator.pipeline.documents import Passage, page_document
from translator.pipeline.fonts import FontBook
from translator.pipeline.pages import PageOutcome
from translator.pipeline.protocols import StageError
from translator.pipeline.render import render_page
from translator.pipeline.types import Balloon, Box, Kind, Origin, Page, Region, TextLine, Translation
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
WIDTH, HEIGHT = 600, 800
CENTERS = ((180, 200), (420, 560))


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def plate(kind: str = "PNG", size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    rgb = np.full((size[1], size[0], 3), 170, np.uint8)
    for x, y in CENTERS:
        cv2.ellipse(rgb, (x, y), (100, 120), 0, 0, 360, (255, 255, 255), -1)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, kind)
    return out.getvalue()


def region(number: int, text: str, **changes: object) -> DocumentRegion:
    x, y = CENTERS[number]
    contour = tuple((int(a), int(b)) for a, b in cv2.ellipse2Poly((x, y), (100, 120), 0, 0, 360, 5))
    box = (x - 50, y - 80, x + 50, y + 80)
    found = DocumentRegion(
        id=f"r{number:04d}",
        box=box,
        polygon=((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])),
        kind="dialogue",
        vertical=True,
        order=number,
        source_text="テスト",
        translation=text,
        origin="model",
        confidence=0.9,
        policy="translate",
        handling="translated",
        lines=tuple((left, y - 80, left + 22, y + 80) for left in (x - 50, x - 10, x + 28)),
        balloon=BalloonShape(contour, (255, 255, 255)),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def document(*regions: DocumentRegion, **changes: object) -> PageDocument:
    made = PageDocument(3, WIDTH, HEIGHT, regions, "ja", "en", warnings=("translate: a gloss",))
    return replace(made, **changes)  # type: ignore[arg-type]


def rgb(done: PageOutcome) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(done.image)).convert("RGB"))


def ink_in(done: PageOutcome, number: int) -> int:
    x, y = CENTERS[number]
    part = rgb(done)[y - 110 : y + 110, x - 90 : x + 90]
    return int((part.max(axis=2) < 100).sum())


def test_a_document_is_set_on_its_plate_and_says_where(typesetter: BalloonTypesetter) -> None:
    done = render_page(document(region(0, "Hello there."), region(1, "And you?")), plate(), typesetter)
    assert done.image_format is ImageFormat.WEBP
    assert ink_in(done, 0) > 200
    assert ink_in(done, 1) > 200
    set_as = [" ".join(found.placement.lines) for found in done.document.regions if found.placement]
    assert set_as == ["HELLO THERE.", "AND YOU?"]
    assert done.document.warnings == ("translate: a gloss",)


def test_what_is_rendered_twice_is_the_same(typesetter: BalloonTypesetter) -> None:
    first = render_page(document(region(0, "Hello there.")), plate(), typesetter, image_format=ImageFormat.PNG)
    again = render_page(
        PageDocument.parse(first.document.to_bytes()), plate(), typesetter, image_format=ImageFormat.PNG
    )
    assert again.image == first.image
    assert again.document == first.document


def test_an_edited_text_is_set_and_others_stay_as_they_were(typesetter: BalloonTypesetter) -> None:
    before = render_page(
        document(region(0, "One."), region(1, "Two.")), plate(), typesetter, image_format=ImageFormat.PNG
    )
    edited = replace(before.document.regions[0], translation="Another text.", origin="user")
    after = render_page(
        replace(before.document, regions=(edited, before.document.regions[1])),
        plate(),
        typesetter,
        image_format=ImageFormat.PNG,
    )
    x, y = CENTERS[1]
    around = (slice(y - 120, y + 120), slice(x - 100, x + 100))
    assert np.array_equal(rgb(after)[around], rgb(before)[around])
    assert ink_in(after, 0) > ink_in(before, 0)
    assert after.document.regions[0].origin == "user"


@pytest.mark.parametrize(
    ("pinned", "size", "font", "lines"),
    [
        (Pinned(size_px=11), 11, "Comic Neue Bold", None),
        (Pinned(font="Bangers"), None, "Bangers", None),
        (Pinned(lines=("Hello", "there", "you.")), None, "Comic Neue Bold", ("Hello", "there", "you.")),
        (Pinned("Bangers", 14, None, ("Hello you",)), 14, "Bangers", ("Hello you",)),
    ],
)
def test_what_a_person_pinned_is_followed_and_kept(
    typesetter: BalloonTypesetter, pinned: Pinned, size: int | None, font: str, lines: tuple[str, ...] | None
) -> None:
    done = render_page(document(region(0, "Hello there you.", pinned=pinned)), plate(), typesetter)
    found = PageDocument.parse(done.document.to_bytes()).regions[0]
    assert found.pinned == pinned
    assert found.placement is not None
    assert size is None or found.placement.size_px == size
    assert found.placement.font == font
    assert lines is None or found.placement.lines == lines


def test_a_pinned_box_moves_the_text(typesetter: BalloonTypesetter) -> None:
    pinned = Pinned(box=(20, 700, 220, 780))
    done = render_page(document(region(0, "Hello there.", pinned=pinned)), plate(), typesetter)
    placement = done.document.regions[0].placement
    assert placement is not None
    assert all(x0 >= 20 and x1 <= 220 and y0 >= 700 and y1 <= 780 for x0, y0, x1, y1 in placement.line_boxes)
    assert ink_in(done, 0) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "kept_source", "handling": "kept", "translation": ""},
        {"origin": "none", "handling": "erased", "translation": ""},
        {"origin": "elsewhere", "translation": ""},
        {"translation": "  "},
        {"origin": "kept_source", "handling": "kept", "translation": "テスト"},
    ],
)
def test_what_has_no_translation_is_not_set(typesetter: BalloonTypesetter, changes: dict[str, object]) -> None:
    done = render_page(document(region(0, "x", **changes)), plate(), typesetter)
    assert ink_in(done, 0) == 0
    assert done.document.regions[0].placement is None


def test_a_kept_lettering_that_was_translated_since_is_annotated(typesetter: BalloonTypesetter) -> None:
    sound = region(0, "Boom!", kind="sfx", handling="kept", origin="user", policy="keep", balloon=None)
    done = render_page(document(sound), plate(), typesetter).document.regions[0]
    assert done.handling in ("annotated", "kept")
    if done.placement is not None:
        x0, y0, x1, y1 = done.placement.line_boxes[0]
        left, top, right, bottom = sound.box
        assert x1 <= left or x0 >= right or y1 <= top or y0 >= bottom


def test_an_overflow_is_said_again_each_time_and_only_once(typesetter: BalloonTypesetter) -> None:
    pinned = Pinned(size_px=90)
    done = render_page(document(region(0, "Unbelievable", pinned=pinned)), plate(), typesetter)
    again = render_page(done.document, plate(), typesetter)
    assert done.document.regions[0].placement is not None
    assert done.document.regions[0].placement.overflow
    assert again.document.warnings == done.document.warnings
    assert len(done.document.warnings) == 2


@pytest.mark.parametrize(
    ("data", "changes", "code"),
    [
        (b"", {}, "empty_page"),
        (b"no image", {}, "not_an_image"),
        (plate(size=(WIDTH, HEIGHT - 1)), {}, "invalid_document"),
        (plate(), {"kind": "poem"}, "invalid_document"),
        (plate(), {"origin": "oracle"}, "invalid_document"),
    ],
)
def test_what_cannot_be_rendered_says_why(
    typesetter: BalloonTypesetter, data: bytes, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(StageError) as caught:
        render_page(document(region(0, "Hello.", **changes)), data, typesetter)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_the_format_can_be_chosen(typesetter: BalloonTypesetter, kind: ImageFormat) -> None:
    done = render_page(document(region(0, "Hello.")), plate(), typesetter, image_format=kind)
    assert (Image.open(io.BytesIO(done.image)).format or "").lower().replace("jpeg", "jpg") == kind.value


def narrow(number: int, text: str, **changes: object) -> DocumentRegion:
    """In a balloon so narrow that long words are condensed."""
    x, y = CENTERS[number]
    contour = tuple((int(a), int(b)) for a, b in cv2.ellipse2Poly((x, y), (44, 120), 0, 0, 360, 5))
    return region(number, text, balloon=BalloonShape(contour, (255, 255, 255)), **changes)


def rendered(done: PageDocument, typesetter: BalloonTypesetter) -> PageOutcome:
    """Set again from what was written, and as a lossless image."""
    again = PageDocument.parse(done.to_bytes())
    return render_page(again, plate(), typesetter, image_format=ImageFormat.PNG)


BOOM = {"kind": "sfx", "handling": "kept", "origin": "user", "policy": "keep", "balloon": None}


@pytest.mark.parametrize(
    "regions",
    [
        (region(0, "Hello there."), region(1, "And {you|thou}?")),
        (narrow(0, "Congratulations!"), region(1, "Yes.", balloon=None)),
        (region(0, "Boom!", **BOOM), region(1, "Unbelievable", pinned=Pinned(size_px=90))),
        (region(0, "Fits.", pinned=Pinned(lines=("Fits.",), font="Bangers")), region(1, "x", translation=" ")),
    ],
    ids=["plain and ruby", "condensed and outlined", "annotated and overflowing", "pinned and empty"],
)
@pytest.mark.parametrize("target", ["en", "ja"])
def test_an_unedited_document_gives_the_same_pixels(
    typesetter: BalloonTypesetter, regions: tuple[DocumentRegion, ...], target: str
) -> None:
    first = rendered(document(*regions, target=target), typesetter)
    again = rendered(first.document, typesetter)
    assert again.image == first.image
    assert again.document == first.document


def test_condensed_letters_are_recorded(typesetter: BalloonTypesetter) -> None:
    placement = rendered(document(narrow(0, "Congratulations!")), typesetter).document.regions[0].placement
    assert placement is not None
    assert placement.letter_width < 1.0


@pytest.mark.parametrize(
    "pinned",
    [Pinned(size_px=11), Pinned(box=(150, 160, 220, 240)), Pinned(lines=("Hello", "there.")), Pinned("Bangers")],
)
def test_one_pin_leaves_every_other_placement_as_it_was(typesetter: BalloonTypesetter, pinned: Pinned) -> None:
    texts = (region(0, "Hello there."), narrow(1, "You can’t be serious about this!"))
    before = rendered(document(*texts), typesetter).document
    edited = replace(before, regions=(replace(before.regions[0], pinned=pinned), before.regions[1]))
    after = rendered(edited, typesetter).document
    assert after.regions[1] == before.regions[1]
    assert after.regions[0].placement != before.regions[0].placement


def in_one_balloon() -> tuple[DocumentRegion, DocumentRegion]:
    """Two texts in one contour, so that each has what the other leaves."""
    x, y = CENTERS[0]
    upper, lower = (x - 40, y - 90, x + 40, y - 10), (x - 40, y + 10, x + 40, y + 90)
    first, second = region(0, "You can’t be serious!"), region(1, "Oh, but I am!")
    return (
        replace(first, box=upper, lines=((x - 40, y - 90, x - 10, y - 10),)),
        replace(second, box=lower, lines=((x - 40, y + 10, x - 10, y + 90),), balloon=first.balloon),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"pinned": Pinned(size_px=9)},
        {"pinned": Pinned(box=(20, 700, 220, 780))},
        {"translation": "No."},
        {"translation": "You cannot possibly be serious about any of this!", "origin": "user"},
        {"box": (90, 60, 130, 100)},
    ],
)
def test_a_text_stays_where_it_is_while_its_neighbour_in_the_balloon_changes(
    typesetter: BalloonTypesetter, changes: dict[str, object]
) -> None:
    before = rendered(document(*in_one_balloon()), typesetter).document
    edited = replace(before.regions[0], **changes)  # type: ignore[arg-type]
    after = rendered(replace(before, regions=(edited, before.regions[1])), typesetter).document
    assert after.regions[1] == before.regions[1]
    assert after.regions[0].placement != before.regions[0].placement


@pytest.mark.parametrize("pinned", [Pinned(size_px=9), Pinned(lines=("A", "B", "C", "D", "E", "F", "G"))])
def test_a_pin_has_no_say_in_the_size_of_texts_that_are_set_anew(typesetter: BalloonTypesetter, pinned: Pinned) -> None:
    texts = (narrow(0, "Incomprehensible!"), region(1, "You can’t be serious about this, can you?"))
    free = rendered(document(*texts), typesetter).document.regions[1]
    beside = rendered(document(replace(texts[0], pinned=pinned), texts[1]), typesetter).document.regions[1]
    assert beside == free


@pytest.mark.parametrize(
    "changes",
    [
        {"translation": "Another text."},
        {"kind": "narration"},
        {"box": (140, 130, 220, 270)},
        {"balloon": None},
        {"pinned": Pinned(size_px=12)},
    ],
)
def test_what_was_edited_is_set_anew(typesetter: BalloonTypesetter, changes: dict[str, object]) -> None:
    before = rendered(document(region(0, "Hello there.")), typesetter).document
    after = rendered(replace(before, regions=(replace(before.regions[0], **changes),)), typesetter).document  # type: ignore[arg-type]
    first, second = before.regions[0].placement, after.regions[0].placement
    assert first is not None
    assert second is not None
    assert second.made_from != first.made_from


@pytest.mark.parametrize(
    "changes",
    [
        {"made_from": ""},
        {"made_from": "of something else"},
        {"line_boxes": ()},
        {"line_boxes": ((10, 10, 11, 11),)},
        {"size_px": 100_000},
        {"size_px": 0},
        {"font": "no such font"},
        {"vertical": True},
        {"lines": ("\ufdd0\ufdd1\ufdd2",)},
        {"ruby": ((0, 4, 2, "x"), (7, 0, 1, "y"))},
    ],
)
def test_a_placement_that_cannot_be_so_is_made_anew(typesetter: BalloonTypesetter, changes: dict[str, object]) -> None:
    before = rendered(document(region(0, "Hello.")), typesetter)
    found = before.document.regions[0]
    assert found.placement is not None
    wrong = replace(found.placement, **changes)  # type: ignore[arg-type]
    again = rendered(replace(before.document, regions=(replace(found, placement=wrong),)), typesetter)
    assert again.document == before.document
    assert again.image == before.image


@pytest.mark.parametrize("width", [0, -1, 0.01, 1e9, "wide", True])
def test_letters_of_no_possible_width_are_refused(typesetter: BalloonTypesetter, width: object) -> None:
    told = json.loads(rendered(document(region(0, "Hello.")), typesetter).document.to_bytes())
    told["regions"][0]["placement"]["letter_width"] = width
    with pytest.raises(BadMessage, match="letter_width"):
        PageDocument.parse(json.dumps(told).encode())


def test_a_page_as_the_stages_made_it_is_rendered_to_the_same_pixels(typesetter: BalloonTypesetter) -> None:
    rgb_plate = np.asarray(Image.open(io.BytesIO(plate())).convert("RGB"))
    regions = [pipeline_region(region(0, "x")), pipeline_region(narrow(1, "x"))]
    texts = ("It’s {Shinigami|god of death}!", "Unbelievable, isn’t it?")
    given = [Translation(found.id, text, Origin.MODEL) for found, text in zip(regions, texts, strict=True)]
    done = typesetter.typeset(rgb_plate, regions, given, target="en")
    placed = {placement.region_id: placement for placement in done.placements}
    written = page_document(
        Page(1, rgb_plate),
        [Passage(found, None, text, placed[found.id]) for found, text in zip(regions, given, strict=True)],
        panels=(),
        languages=("ja", "en"),
        timings_ms={},
        engines={},
        warnings=done.warnings,
    )
    again = rendered(written, typesetter)
    assert np.array_equal(rgb(again), done.rgb)
    assert again.document == written


def pipeline_region(told: DocumentRegion) -> Region:
    """A region as detectors make it: with lines that lean a little, which no document has."""
    assert told.balloon is not None
    boxes = [Box(*line) for line in told.lines]
    lines = tuple(TextLine(box, ((box.x0 + 2, box.y0), *box.polygon[1:]), 0.8) for box in boxes)
    xs, ys = zip(*told.balloon.contour, strict=True)
    balloon = Balloon(Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1), told.balloon.contour, told.balloon.fill_rgb)
    return Region(told.id, Box(*told.box), told.polygon, Kind.DIALOGUE, True, 0.9, lines, (), balloon)
