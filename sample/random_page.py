"""A page nobody planned: panels, scenes and texts from a seed, for tests that want many pages with exact truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from random import Random

from sample.balloon import Balloon, Shape
from sample.building import Town
from sample.cat import Cat
from sample.effect import Flash, FocusLines, Sparkles, SpeedLines
from sample.errors import SpecError
from sample.face import Mood
from sample.font import Face
from sample.geometry import bounds
from sample.girl import Girl, Pose
from sample.lettering import Style
from sample.page import PageSpec
from sample.panel import Drawing, Panel
from sample.phrase import ASIDES, NARRATED, SIGNS, SOUNDS, SPOKEN
from sample.scenery import Hill, Tone
from sample.sky import NightSky
from sample.star import Star
from sample.text import Text, place
from sample.truth import Kind

Rect = tuple[float, float, float, float]
MIN_SIDE = 320
_ROOM_PX = 6
_SMALLEST = 14


def random_page(seed: int, *, width: int = 830, height: int = 1170, vertical: bool = True) -> PageSpec:
    """A spec that can always be drawn; the same seed gives the same page. Raises :class:`SpecError` for tiny pages.

    Panels come right to left in tiers, texts panel by panel, right to left (in rows: left to right).
    """
    if min(width, height) < MIN_SIDE:
        raise SpecError("width", f"a page of {width}x{height}; at least {MIN_SIDE} px each way")
    rng = Random(f"page {seed}")  # noqa: S311 (drawing, no secret)
    boxes = tuple(_panel_boxes(rng, width, height))
    panels = tuple(Panel(_corners(box, rng), tuple(_scene(box, rng))) for box in boxes)
    texts = tuple(text for box in boxes for text in _texts(box, rng, width, height, vertical=vertical))
    return PageSpec(width, height, panels, texts, seed=seed)


def _panel_boxes(rng: Random, width: int, height: int) -> Iterator[Rect]:
    """Tiers of one to three panels, from the top and from the right."""
    margin, gutter = width * 0.05, 14.0
    tiers = _cuts(rng, margin, height - margin, max(1, min(4, height // 330)), gutter + 4)
    for y0, y1 in tiers:
        count = rng.randint(1, max(1, min(3, width // 270)))
        columns = list(_cuts(rng, margin, width - margin, count, gutter))
        for x0, x1 in reversed(columns):
            yield x0, y0, x1, y1


def _cuts(rng: Random, start: float, stop: float, count: int, gutter: float) -> Iterator[tuple[float, float]]:
    weights = [rng.uniform(0.8, 1.25) for _ in range(count)]
    at, room = start, stop - start - gutter * (count - 1)
    for weight in weights:
        size = room * weight / sum(weights)
        yield at, at + size
        at += size + gutter


def _corners(box: Rect, rng: Random) -> tuple[tuple[float, float], ...]:
    x0, y0, x1, y1 = box
    lean = rng.choice((0.0, 0.0, 0.0, 5.0, -5.0))
    return (x0, y0 + lean), (x1, y0 - lean), (x1, y1), (x0, y1)


def _scene(box: Rect, rng: Random) -> Iterator[Drawing]:
    x0, y0, x1, y1 = box
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    ground = Hill(((x0 - 9, y1 - 40), (middle[0], y1 - 62), (x1 + 9, y1 - 36)), y1 + 9)
    backdrops: tuple[tuple[Drawing, ...], ...] = (
        (),
        (Tone(box, (rng.uniform(0.0, 0.2), rng.uniform(0.2, 0.6))),),
        (NightSky(box), ground),
        (Tone(box, (0.3, 0.0)), Town(x0, x1, y1 - 20, 70, black=False)),
        (FocusLines(middle, ((x1 - x0) * 0.36, (y1 - y0) * 0.36), 90),),
        (SpeedLines(box, rng.uniform(-60, 60), 60),),
        (Tone(box, 0.4), Flash(middle, ((x1 - x0) * 0.36, (y1 - y0) * 0.36))),
        (ground, Sparkles(((x0 + 40, y0 + 40, 12),), ink=0)),
    )
    yield from rng.choice(backdrops)
    for _ in range(rng.randint(0, 2)):
        yield _figure(box, rng)


def _figure(box: Rect, rng: Random) -> Drawing:
    x0, y0, x1, y1 = box
    size = min(x1 - x0, y1 - y0) * rng.uniform(0.12, 0.22)
    at = (rng.uniform(x0 + size, x1 - size), y1 - size * rng.uniform(1.4, 2.4))
    mood, turn = rng.choice(list(Mood)), rng.uniform(-0.7, 0.7)
    return rng.choice((
        Girl(at, size, mood, rng.choice(list(Pose)), turn, rim=3),
        Cat(at, size, mood, turn, rim=3),
        Star(at, size, mood, turn, rim=3),
    ))  # fmt: skip


def _texts(box: Rect, rng: Random, width: int, height: int, *, vertical: bool) -> Iterator[Text]:
    """Up to three texts side by side, each in its own slot of the panel so that none touches another."""
    x0, y0, x1, y1 = box
    slots = list(_cuts(rng, x0, x1, rng.randint(0, max(1, min(3, int(x1 - x0) // 110))), 4.0))
    for left, right in reversed(slots) if vertical else slots:
        slot = (left, y0 + 4, right, y0 + (y1 - y0) * rng.uniform(0.6, 1.0))
        tries = (_fitted(_text(slot, rng, vertical=vertical), slot, width, height) for _ in range(4))
        yield from islice((text for text in tries if text is not None), 1)


def _text(slot: Rect, rng: Random, *, vertical: bool) -> Text:
    at = ((slot[0] + slot[2]) / 2, (slot[1] + slot[3]) / 2)
    make: Callable[[], Text] = rng.choices(
        [
            lambda: _spoken(at, rng),
            lambda: Text(rng.choice(NARRATED), at, Kind.NARRATION, Style(Face.MINCHO, 20), Balloon(Shape.BOX)),
            lambda: Text(rng.choice(SIGNS), at, Kind.SIGN, Style(Face.HAND, 28), Balloon(Shape.ROUNDED)),
            lambda: Text(rng.choice(SOUNDS), at, Kind.SFX, Style(Face.BLACK, 54, tilt=rng.uniform(-14, 14),
                         white=rng.random() < 0.4, outline=4, jitter=1.2, rough=1.0)),
            lambda: Text(rng.choice(ASIDES), at, Kind.DIALOGUE,
                         Style(Face.HAND, 24, tilt=rng.uniform(-12, 12), outline=3, jitter=0.8)),
        ],
        [12, 3, 1, 2, 2],
    )[0]  # fmt: skip
    text = make()
    return replace(text, style=replace(text.style, vertical=vertical))


def _spoken(at: tuple[float, float], rng: Random) -> Text:
    shape = rng.choice(
        (Shape.ELLIPSE, Shape.ELLIPSE, Shape.ELLIPSE, Shape.ROUNDED, Shape.SPIKY, Shape.CLOUD, Shape.WAVY)
    )
    dark = shape is not Shape.CLOUD and rng.random() < 0.12
    face = Face.BLACK if shape is Shape.SPIKY else rng.choice((Face.GOTHIC, Face.GOTHIC, Face.HAND))
    style = Style(face, rng.randint(18, 24), white=dark)
    kind = Kind.THOUGHT if shape is Shape.CLOUD else Kind.DIALOGUE
    return Text(rng.choice(SPOKEN), at, kind, style, Balloon(shape, dark=dark))


def _fitted(text: Text, slot: Rect, width: int, height: int) -> Text | None:
    """The text small enough for its slot, its balloon or ink included; None where it would be too small to read."""
    while text.style.size >= _SMALLEST:
        x0, y0, x1, y1 = _extent(text, width, height)
        if slot[0] + _ROOM_PX <= x0 and slot[1] <= y0 and x1 <= slot[2] - _ROOM_PX and y1 <= slot[3]:
            return text
        text = replace(text, style=replace(text.style, size=text.style.size - 2))
    return None


def _extent(text: Text, width: int, height: int) -> Rect:
    """Where balloon and ink reach; the random parts of their outlines are within the room of a slot."""
    try:
        placed = place(text, Random(0), width=width, height=height)  # noqa: S311 (drawing, no secret)
    except SpecError:
        return -1.0, -1.0, width + 1.0, height + 1.0
    half_w, half_h = placed.lettering.size
    grow = 4 + text.style.outline
    ink = (text.at[0] - half_w / 2 - grow, text.at[1] - half_h / 2 - grow,
           text.at[0] + half_w / 2 + grow, text.at[1] + half_h / 2 + grow)  # fmt: skip
    boxes = [bounds(shape) for shape in placed.balloon]
    return (
        min([ink[0], *(b[0] for b in boxes)]),
        min([ink[1], *(b[1] for b in boxes)]),
        max([ink[2], *(b[2] for b in boxes)]),
        max([ink[3], *(b[3] for b in boxes)]),
    )
