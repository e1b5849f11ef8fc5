"""Text blocks from two sources: lines and ink as the default detector has them, blocks as an object detector sees them.

A line belongs to the block that covers most of it. What no block covers stays as the default detector grouped it: it
may be a text that the other one has missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from translator.pipeline.grouping import in_reading_order
from translator.pipeline.types import Box, Detection, Kind, Region, TextLine

_COVERED = 0.5
_SAME = 0.7
"""Boxes of which the smaller lies so far inside the other are of one text."""


class BlockLabel(StrEnum):
    """What an object detector of comics tells apart."""

    BUBBLE = "bubble"
    TEXT_BUBBLE = "text_bubble"
    TEXT_FREE = "text_free"


@dataclass(frozen=True, slots=True)
class Block:
    """A text block as a model sees it, in page pixels."""

    box: Box
    label: BlockLabel
    score: float


@dataclass(frozen=True, slots=True)
class _Owned:
    """A line with the region that the default detector has put it into."""

    line: TextLine
    region: Region
    is_ruby: bool


def distinct(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The surest of those that are the same text, from the surest on."""
    kept: list[Block] = []
    for block in sorted(blocks, key=lambda block: (-block.score, block.box)):
        if not any(_overlap(block.box, other.box) > _SAME for other in kept):
            kept.append(block)
    return tuple(kept)


def uncovered(blocks: Sequence[Block], detection: Detection) -> tuple[Block, ...]:
    """The blocks that have none of the detection's lines."""
    owners = [_owner(owned.line, blocks) for owned in _lines(detection)]
    return tuple(block for index, block in enumerate(blocks) if index not in owners)


def regroup(detection: Detection, blocks: Sequence[Block], page: Box) -> Detection:
    """The detection with ``blocks`` for text blocks; ids count anew from ``r0001`` down the page."""
    owned = list(_lines(detection))
    owners = [_owner(one.line, blocks) for one in owned]
    regions = []
    for index, block in enumerate(blocks):
        members = [one for one, owner in zip(owned, owners, strict=True) if owner == index]
        regions += [_of_block(block, members, page)] if members else []
    for region in detection.regions:
        left = {id(one.line) for one, owner in zip(owned, owners, strict=True) if owner is None}
        regions += [rest] if (rest := _rest(region, left)) is not None else []
    ordered = sorted(regions, key=lambda region: (region.box.y0, -region.box.x1))
    numbered = tuple(replace(region, id=f"r{number:04d}") for number, region in enumerate(ordered, start=1))
    return replace(detection, regions=numbered)


def _lines(detection: Detection) -> Iterable[_Owned]:
    for region in detection.regions:
        for line in region.lines:
            yield _Owned(line, region, is_ruby=False)
        for line in region.ruby:
            yield _Owned(line, region, is_ruby=True)


def _owner(line: TextLine, blocks: Sequence[Block]) -> int | None:
    """The block that covers most of a line, half of it at least; of equals the smaller one."""
    shares = [block.box.intersection(line.box).area / max(1, line.box.area) for block in blocks]
    best = max(range(len(blocks)), key=lambda index: (shares[index], -blocks[index].box.area), default=None)
    return best if best is not None and shares[best] >= _COVERED else None


def _of_block(block: Block, members: Sequence[_Owned], page: Box) -> Region:
    base = [one for one in members if not one.is_ruby] or list(members)
    ruby = [one.line for one in members if one.is_ruby and one not in base]
    weights = Counter[int]()
    for one in base:
        weights[id(one.region)] += one.line.box.area
    model = next(one.region for one in base if id(one.region) == weights.most_common(1)[0][0])
    box = block.box
    for one in members:
        box = box.union(one.line.box)
    box = box.intersection(page)
    return Region(
        id="",
        box=box,
        polygon=box.polygon,
        kind=_kind(block.label, model),
        vertical=model.vertical,
        confidence=block.score,
        lines=in_reading_order([one.line for one in base], vertical=model.vertical),
        ruby=tuple(ruby),
        balloon=model.balloon,
    )


def _kind(label: BlockLabel, model: Region) -> Kind:
    """The geometry tells more kinds apart than the model, except what is free and what is in a balloon."""
    if label is BlockLabel.TEXT_BUBBLE and model.kind in (Kind.SFX, Kind.PAGE_NUMBER):
        return Kind.DIALOGUE
    return model.kind


def _rest(region: Region, left: set[int]) -> Region | None:
    """What is left of a region whose other lines went elsewhere; ``None`` where no base line is left."""
    lines = tuple(line for line in region.lines if id(line) in left)
    ruby = tuple(line for line in region.ruby if id(line) in left)
    if len(lines) == len(region.lines):
        return replace(region, ruby=ruby)
    if not lines:
        return None
    box = lines[0].box
    for line in lines[1:] + ruby:
        box = box.union(line.box)
    return replace(region, box=box, polygon=box.polygon, lines=lines, ruby=ruby)


def _overlap(a: Box, b: Box) -> float:
    return a.intersection(b).area / max(1, min(a.area, b.area))
