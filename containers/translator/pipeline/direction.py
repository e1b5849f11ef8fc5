"""What ``ReadingDirection.AUTO`` means: told by the pages' shape, their lettering and the source language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from translator.pipeline.types import Box, Kind, ReadingDirection, Region

_STRIP = 2.5
"""A page this many times as high as wide is a part of a strip."""
_MIXED = 0.2
"""With a language whose comics go right to left, this share of vertical lettering is enough."""
_RIGHT_TO_LEFT = frozenset({"ja", "ar", "he", "fa", "ur"})
_MAY_BE_VERTICAL = frozenset({"ja", "zh", "ko"})
_SPOKEN = frozenset({Kind.DIALOGUE, Kind.NARRATION, Kind.THOUGHT})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What pages say about their direction. It adds up, so that a chapter is settled once and for all its pages.

    ``vertical`` and ``horizontal`` are shares of the page that text of either direction covers, ``strips`` and
    ``pages`` are counts.
    """

    vertical: float = 0.0
    horizontal: float = 0.0
    strips: int = 0
    pages: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(
            self.vertical + other.vertical,
            self.horizontal + other.horizontal,
            self.strips + other.strips,
            self.pages + other.pages,
        )

    @property
    def vertical_share(self) -> float | None:
        """How much of the lettering stands in columns, 0 to 1; none where there is no lettering."""
        total = self.vertical + self.horizontal
        return self.vertical / total if total else None


def evidence(regions: Sequence[Region], page: Box) -> Evidence:
    """The evidence of one page. Sounds and signs go as the art goes and count only where nothing is said."""
    said = [region for region in regions if region.kind in _SPOKEN] or list(regions)
    area = max(1, page.area)
    return Evidence(
        vertical=sum(region.box.area for region in said if region.vertical) / area,
        horizontal=sum(region.box.area for region in said if not region.vertical) / area,
        strips=int(page.height > _STRIP * page.width),
        pages=1,
    )


def total(pages: Iterable[Evidence]) -> Evidence:
    """The evidence of a chapter."""
    return sum(pages, start=Evidence())


def settle(found: Evidence, language: str = "") -> ReadingDirection:
    """What ``AUTO`` means given what was found; ``language`` is the source's tag (BCP 47), empty where unknown.

    Most pages being strips makes a strip. Vertical lettering goes right to left, horizontal left to right; a page
    without lettering goes as its language's comics mostly do, or right to left.
    """
    if found.pages and 2 * found.strips >= found.pages:
        return ReadingDirection.WEBTOON
    share, primary = found.vertical_share, language.replace("_", "-").split("-")[0].lower()
    if share is None:
        return ReadingDirection.RTL if not primary or primary in _RIGHT_TO_LEFT else ReadingDirection.LTR
    if primary in _RIGHT_TO_LEFT and primary not in _MAY_BE_VERTICAL:
        return ReadingDirection.RTL
    wanted = _MIXED if primary in _RIGHT_TO_LEFT else 0.5
    may_be_vertical = not primary or primary in _MAY_BE_VERTICAL
    return ReadingDirection.RTL if may_be_vertical and share >= wanted else ReadingDirection.LTR
