"""The golden cases: a place, a language, a role and a text each, set by the typesetter that ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.translator.golden.shapes import PLACES, Place, around
from translator.pipeline.fonts import FontBook
from translator.pipeline.types import (
    NO_PIN,
    Box,
    Kind,
    Origin,
    Pin,
    Placement,
    Region,
    TextLine,
    Translation,
    Typeset,
)
from translator.pipeline.typeset import BalloonTypesetter

FOLDER = Path(__file__).parent
_FONTS = Path(__file__).parents[3] / "fonts"


@dataclass(frozen=True, slots=True)
class Case:
    """``vertical``: the source runs in columns, so what may be set in columns is. ``letter_px``: its letters' size."""

    name: str
    place: str
    target: str
    text: str
    kind: Kind = Kind.DIALOGUE
    vertical: bool = True
    letter_px: int = 30
    annotated: bool = False
    pin: Pin = NO_PIN

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.png"


CASES = (
    Case("en-round", "round", "en", "You have the academic ability to enter those top universities."),
    Case("en-narrow", "narrow", "en", "I thought you were going to help us with the astronomy club."),
    Case("en-narrow-long-word", "narrow", "en", "Congratulations!"),
    Case("en-tight-word", "tight", "en", "Balloons?"),
    Case("en-wide", "wide", "en", "Why get recommendation letters for a third-tier college?"),
    Case("en-conjoined", "conjoined", "en", "Japan’s first manned rocket failed to launch."),
    Case("en-dark", "dark", "en", "Leave me alone..."),
    Case("en-cloud-thought", "cloud", "en", "I wonder whether she knows.", Kind.THOUGHT),
    Case("en-box-narration", "box", "en", "Ten years later, in summer.", Kind.NARRATION),
    Case("en-cut", "cut", "en", "Did you put something in there?"),
    Case("en-star-shout", "star", "en", "Look out!!", letter_px=44),
    Case("en-art", "art", "en", "Because someday everything falls"),
    Case("en-quiet", "quiet", "en", "And so it began."),
    Case("en-sfx-annotated", "art", "en", "rumble", Kind.SFX, annotated=True, letter_px=40),
    Case("en-pinned-size", "round", "en", "As it was pinned.", pin=Pin(size_px=15)),
    Case("en-pinned-box", "round", "en", "In the box given.", pin=Pin(box=Box(340, 430, 440, 490))),
    Case("en-pinned-lines", "wide", "en", "ignored", pin=Pin(lines=("These are", "exactly the lines", "wanted."))),
    Case(
        "de-round", "round", "de", "Das ist doch die größte Unverschämtheit, Geschwindigkeitsbegrenzung hin oder her!"
    ),
    Case("fr-wide", "wide", "fr", "Ça, c’est déjà arrivé à Noël !"),
    Case("it-round", "round", "it", "Così mi piace! Dì di sì, Luigi: i più arditi vincono."),
    Case("vi-round", "round", "vi", "Tôi không thể tin được điều này đã xảy ra."),
    Case("ru-cloud", "cloud", "ru", "Съешь ещё этих мягких французских булок."),
    Case("el-round", "round", "el", "Δεν μπορώ να το πιστέψω!"),
    Case("zh-hans-vertical", "narrow", "zh-Hans", "你明明有能力考上那些名牌大学的！"),
    Case("zh-hans-horizontal", "wide", "zh-Hans", "你明明有能力考上那些名牌大学的！", vertical=False),
    Case("zh-hant-vertical", "round", "zh-Hant", "在這2024年的夏天，NASA說：「等等!?」"),
    Case("ja-ruby-vertical", "round", "ja", "この{超能力者|サイキッカー}は{本気|マジ}で強いぞ！"),
    Case("ja-ruby-horizontal", "wide", "ja", "その{志|こころざし}こそ{英雄|ヒーロー}だ！", vertical=False),
    Case("en-ruby", "wide", "en", "I’m a {Shinigami|god of death}!"),
    Case("ja-vertical", "round", "ja", "あと10秒で、ロケットが飛びますよ……！"),
    Case("ko-round", "round", "ko", "나는 이것을 도저히 믿을 수 없어요."),
    Case("th-round", "round", "th", "ฉันไม่รู้ว่าจะทำอย่างไรดี!"),
    Case("ar-round", "round", "ar", "لا أستطيع أن أصدق هذا الأمر!"),
    Case("he-wide", "wide", "he", "אני לא מאמין שזה קרה באמת!"),
    Case("ar-dark", "dark", "ar", "اتركني وحدي..."),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """``grey`` is uint8 ``(h, w)``: the part of the page around the place."""

    grey: NDArray[np.uint8]
    placement: Placement
    warnings: tuple[str, ...]


def drawn(case: Case) -> Drawn:
    """Set and cut out."""
    place = PLACES[case.place]()
    done = _set(case, place)
    placement = next(one for one in done.placements if one.region_id == "r1")
    lines = [Box(x, y, x + line.width, y + line.height) for line in placement.lines for x, y in [line.origin_xy]]
    frame = around([place.own if place.balloon is None else place.balloon.box, *lines])
    grey = np.asarray(Image.fromarray(done.rgb).convert("L"), np.uint8)
    return Drawn(grey[frame.y0 : frame.y1, frame.x0 : frame.x1], placement, done.warnings)


def _set(case: Case, place: Place) -> Typeset:
    regions = [_region("r1", place.own, case, place)]
    texts = [Translation("r1", case.text, Origin.USER)]
    for number, box in enumerate(place.others, start=2):
        regions.append(_region(f"r{number}", box, case, place))
        texts.append(Translation(f"r{number}", case.text, Origin.USER))
    return _typesetter().typeset(
        place.plate,
        regions,
        texts,
        target=case.target,
        annotated=[region.id for region in regions] if case.annotated else [],
        pins={} if case.pin == NO_PIN else {"r1": case.pin},
    )


def _region(name: str, box: Box, case: Case, place: Place) -> Region:
    step = round(case.letter_px * 1.25)
    if case.vertical:
        boxes = [Box(x, box.y0, x + case.letter_px, box.y1) for x in range(box.x0, box.x1 - case.letter_px + 1, step)]
    else:
        boxes = [Box(box.x0, y, box.x1, y + case.letter_px) for y in range(box.y0, box.y1 - case.letter_px + 1, step)]
    lines = tuple(TextLine(one, one.polygon, 1.0) for one in boxes or [box])
    return Region(name, box, box.polygon, case.kind, case.vertical, 1.0, lines, (), place.balloon)


@cache
def _typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(_FONTS))
