"""Which found text belongs to which annotated one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translator.evaluation.found import UNANNOTATED, FoundPage
from translator.evaluation.truth import TruePage
from translator.pipeline.types import Box

LEAST_IOU = 0.5
_LEAST_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Match:
    """``owners``: for each found text the index of the scored true text it belongs to, or ``None``.

    ``parts``: for each true text the indices of its found texts, in reading order. ``counted``: the found texts that
    are a hit or a false alarm, not those where a figure has nothing to say. ``swallowed``: for each true text the
    found text that covers it together with another, and is not counted as this one's.
    """

    owners: tuple[int | None, ...]
    parts: tuple[tuple[int, ...], ...]
    counted: tuple[int, ...]
    swallowed: tuple[int | None, ...]

    @property
    def false(self) -> tuple[int, ...]:
        """Found texts, of a kind that is translated, where nothing is annotated; not those of several texts at once."""
        return tuple(n for n in self.counted if self.owners[n] is None and n not in self.swallowed)


def match(truth: TruePage, found: FoundPage) -> Match:
    """Finds the :func:`owner` of each found text."""
    wanted = [text.box for text in truth.scored]
    aside = [text.box for text in truth.texts if not text.scored]
    owners = tuple(owner(text.box, wanted) for text in found.texts)
    counted = tuple(
        n
        for n, text in enumerate(found.texts)
        if owners[n] is not None or (text.kind not in UNANNOTATED and owner(text.box, aside) is None)
    )
    parts = tuple(tuple(n for n, index in enumerate(owners) if index == i) for i in range(len(wanted)))
    return Match(owners, parts, counted, tuple(_swallower(i, owners, wanted, found) for i in range(len(wanted))))


def owner(box: Box, wanted: Sequence[Box]) -> int | None:
    """The index of the box that ``box`` belongs to: of those that it shares most with, the one that fits it best.

    At least a third of ``box`` has to lie in it. Annotated boxes overlap where balloons do, and a small text may lie
    in the box of a large one as well.
    """
    shared = [box.intersection(other).area for other in wanted]
    most = max(shared, default=0)
    if most == 0 or most < box.area * _LEAST_SHARE:
        return None
    near = [index for index, area in enumerate(shared) if area >= max(most / 2, box.area * _LEAST_SHARE)]
    return max(near, key=lambda index: box.iou(wanted[index]))


def matched(wanted: Sequence[Box], found: Sequence[Box]) -> int:
    """One-to-one matches at IoU >= 0.5, best first."""
    pairs = sorted(((a.iou(b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)), reverse=True)
    used_wanted: set[int] = set()
    used_found: set[int] = set()
    for iou, i, j in pairs:
        if iou >= LEAST_IOU and i not in used_wanted and j not in used_found:
            used_wanted.add(i)
            used_found.add(j)
    return len(used_wanted)


def covered(box: Box, found: Sequence[Box]) -> float:
    """The largest share of ``box`` that a single found box covers."""
    return max((box.intersection(other).area / max(1, box.area) for other in found), default=0.0)


def _swallower(index: int, owners: Sequence[int | None], wanted: Sequence[Box], found: FoundPage) -> int | None:
    for n, text in enumerate(found.texts):
        within = [i for i, box in enumerate(wanted) if box.intersection(text.box).area >= box.area / 2]
        if owners[n] != index and index in within and len(within) > 1:
            return n
    return None
