"""What stands on a drawn page, exactly: for tests of whatever claims to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sample.geometry import BoxXyxy
from sample.markup import RubySpan

Polygon = tuple[tuple[int, int], ...]


class Kind(StrEnum):
    """What a text is on the page; the values are those of the page document."""

    DIALOGUE = "dialogue"
    NARRATION = "narration"
    THOUGHT = "thought"
    SFX = "sfx"
    SIGN = "sign"
    PAGE_NUMBER = "page_number"


@dataclass(frozen=True, slots=True)
class BalloonTruth:
    """A balloon's inside (outline left out): its box and contour, and the name it shares with those joined to it."""

    box: BoxXyxy
    contour: Polygon
    shape: str
    dark: bool
    group: str

    def to_json(self) -> Mapping[str, object]:
        return {
            "box": list(self.box),
            "contour": [list(p) for p in self.contour],
            "shape": self.shape,
            "dark": self.dark,
            "group": self.group,
        }


@dataclass(frozen=True, slots=True)
class TextTruth:
    """A text. ``box`` holds its ink (furigana too, a rim of the other colour not).

    ``order`` counts from 0 in reading order; ``text`` is without furigana and breaks; ``lines`` and ``ruby_lines`` are
    the polygons of its lines, in reading order.
    """

    order: int
    kind: Kind
    text: str
    ruby: tuple[RubySpan, ...]
    box: BoxXyxy
    polygon: Polygon
    vertical: bool
    tilt: float
    lines: tuple[Polygon, ...]
    ruby_lines: tuple[Polygon, ...]
    balloon: BalloonTruth | None

    def to_json(self) -> Mapping[str, object]:
        return {
            "order": self.order,
            "kind": self.kind.value,
            "text": self.text,
            "ruby": [{"start": r.start, "end": r.end, "text": r.text} for r in self.ruby],
            "box": list(self.box),
            "polygon": [list(p) for p in self.polygon],
            "vertical": self.vertical,
            "tilt": self.tilt,
            "lines": [[list(p) for p in line] for line in self.lines],
            "ruby_lines": [[list(p) for p in line] for line in self.ruby_lines],
            "balloon": None if self.balloon is None else self.balloon.to_json(),
        }


@dataclass(frozen=True, slots=True)
class PageTruth:
    """A page: its size, its panels in reading order (clipped to the page) and its texts in reading order."""

    width: int
    height: int
    panels: tuple[BoxXyxy, ...]
    texts: tuple[TextTruth, ...]

    def to_json(self) -> Mapping[str, object]:
        return {
            "width": self.width,
            "height": self.height,
            "panels": [list(p) for p in self.panels],
            "texts": [t.to_json() for t in self.texts],
        }
