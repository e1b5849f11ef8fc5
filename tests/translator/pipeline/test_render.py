"""An edited page document, set again: what a person changed is what the page shows, and the rest stays."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from contract.document import DocumentRegion, PageDocument
from contract.image_format import ImageFormat
from contract.pinned import BalloonShape, Pinned
from translator.pipeline.fonts import FontBook
from translator.pipeline.pages import PageOutcome
from translator.pipeline.protocols import StageError
from translator.pipeline.render import render_page
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
