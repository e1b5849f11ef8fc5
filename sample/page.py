"""A whole page: drawn from a spec, with its ground truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from random import Random

import numpy as np
from numpy.typing import NDArray

from sample.balloon import draw_balloons
from sample.canvas import Canvas, Grey
from sample.errors import SpecError
from sample.panel import Drawing, Panel, draw_panel
from sample.text import PlacedText, Text, place
from sample.truth import PageTruth

Rgb = NDArray[np.uint8]
MAX_PIXELS = 12_000_000
GREY_STEP = 17
"""A page has 16 greys, 17 apart: enough for smooth edges, and small files."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page to draw: panels and texts in reading order, ``over`` what stands on the page across panel borders."""

    width: int = 830
    height: int = 1170
    panels: tuple[Panel, ...] = ()
    texts: tuple[Text, ...] = ()
    over: tuple[Drawing, ...] = ()
    paper: int = 255
    seed: int = 0


def draw_page(spec: PageSpec) -> tuple[Rgb, PageTruth]:
    """The page, uint8 ``(height, width, 3)`` RGB, and its truth; the same spec gives the same pixels.

    Raises :class:`SpecError` for what cannot be drawn.
    """
    placed = _place_all(spec)
    canvas = draw_art(spec, placed)
    for text in placed:
        text.ink(canvas)
    return to_rgb(canvas), _truth(spec, placed)


def draw_plate(spec: PageSpec) -> Rgb:
    """The same page with its balloons, before any text was lettered: what cleaning should give back."""
    return to_rgb(draw_art(spec, _place_all(spec)))


def text_masks(spec: PageSpec) -> tuple[Grey, ...]:
    """For each text its pixels on the page, rim included: uint8 ``(height, width)``, 255 or 0."""
    return tuple(text.mask(spec.width, spec.height) for text in _place_all(spec))


def draw_art(spec: PageSpec, placed: Iterable[PlacedText]) -> Canvas:
    """Panels, figures and empty balloons."""
    canvas = Canvas((0, 0, spec.width, spec.height), paper=spec.paper)
    for n, panel in enumerate(spec.panels):
        draw_panel(canvas, panel, _rng(spec, f"panel {n}"))
    for n, drawing in enumerate(spec.over):
        drawing.draw(canvas, _rng(spec, f"over {n}"))
    _draw_balloons(canvas, [text for text in placed if text.spec.balloon])
    return canvas


def to_rgb(canvas: Canvas) -> Rgb:
    """The canvas in page pixels and 16 greys."""
    grey = canvas.pixels().astype(np.uint16)
    stepped = ((grey + GREY_STEP // 2) // GREY_STEP * GREY_STEP).astype(np.uint8)
    return np.repeat(stepped[:, :, None], 3, axis=2)


def _rng(spec: PageSpec, what: str) -> Random:
    """Each part has its own stream, so that a change in one leaves the others as they are."""
    return Random(f"{spec.seed}/{what}")  # noqa: S311 (drawing, no secret)


def _place_all(spec: PageSpec) -> tuple[PlacedText, ...]:
    if min(spec.width, spec.height) < 1 or spec.width * spec.height > MAX_PIXELS:
        raise SpecError("width", f"a page of {spec.width}x{spec.height}; at most {MAX_PIXELS} pixels can be drawn")
    return tuple(
        place(text, _rng(spec, f"text {n}"), width=spec.width, height=spec.height) for n, text in enumerate(spec.texts)
    )


def _draw_balloons(canvas: Canvas, texts: list[PlacedText]) -> None:
    def group(item: tuple[int, PlacedText]) -> str:
        balloon = item[1].spec.balloon
        return f"/{item[0]}" if balloon is None or not balloon.group else balloon.group

    for _, members in groupby(sorted(enumerate(texts), key=group), key=group):
        joined = [text for _, text in members]
        shapes = tuple(shape for text in joined for shape in text.balloon)
        first = joined[0].spec.balloon
        if first is not None:
            draw_balloons(canvas, shapes, dark=first.dark, width=first.outline)


def _truth(spec: PageSpec, placed: tuple[PlacedText, ...]) -> PageTruth:
    boxes = (panel.box(spec.width, spec.height) for panel in spec.panels)
    return PageTruth(
        spec.width,
        spec.height,
        tuple(box for box in boxes if box[0] < box[2] and box[1] < box[3]),
        tuple(text.truth(n, spec.width, spec.height) for n, text in enumerate(placed)),
    )
