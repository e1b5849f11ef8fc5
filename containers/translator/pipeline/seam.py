"""Text that the border between two pages of a strip cuts: read as one, from both pages' rows together.

Each text belongs to one page, its owner, which translates it and sets it inside its own part; the other pages only
clean theirs. A seam is worked out from the pages beside it alone, so that they agree without telling each other,
in whatever order and by whatever process they are done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from translator.pipeline.protocols import Detector, Reader
from translator.pipeline.seam_crossing import is_cut, is_of, may_cross, may_go_on, thickness
from translator.pipeline.seam_shape import area_between
from translator.pipeline.seam_window import FAR, NEAR, Piece, Side, Window, cut_window, is_gutter
from translator.pipeline.types import Detection, Kind, Mask, Page, Reading, Region

_ROOM = 2 / 3
"""A page whose part of a balloon is smaller than this beside another page's does not get the text, though it has more
of the letters: what is set must fit."""
_LETTERING = 0.085
"""Letters as large as this beside the page's width, over art, are drawn and not spoken: a sound effect. Beside how
little else a seam shows they cannot be told by being larger than the rest."""


@dataclass(frozen=True, slots=True)
class SeamText:
    """A text block that crosses a border, or whose balloon does; ``region`` is in the window's pixels.

    ``pages`` are those that have letters of it, ``owner`` among them. ``stays`` says why it is to stay as drawn whoever
    could translate it, ``gone`` are the pages that were done before and took their part of it off.
    """

    region: Region
    reading: Reading | None
    pages: tuple[int, ...]
    owner: int
    stays: str = ""
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seam:
    """What crosses the border below page ``upper``. ``mask``: the window's text pixels, uint8 ``(h, w)``, 255 or 0.
    ``missing`` are pages that could not be had and that a text goes on to."""

    upper: int
    texts: tuple[SeamText, ...] = ()
    pieces: tuple[Piece, ...] = ()
    mask: Mask | None = None
    warnings: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()

    @property
    def prefix(self) -> str:
        """With which the ids of its texts begin, and of no others."""
        return prefix_of(self.upper)

    def piece_of(self, page: int) -> Piece | None:
        return next((piece for piece in self.pieces if piece.page == page), None)


@dataclass(frozen=True, slots=True)
class _Found:
    """``crossing`` are the regions for this seam; ``doubtful``: a wider window may show more of one of them."""

    window: Window
    detection: Detection
    crossing: tuple[Region, ...]
    doubtful: tuple[Region, ...]


def prefix_of(upper: int) -> str:
    """With which the ids of the texts begin that cross the border below page ``upper``."""
    return f"s{upper:04d}-"


def read_seam(above: Side, below: Side, detector: Detector, reader: Reader) -> Seam:
    """The seam between two sides. Raises ``StageError``."""
    upper = above.pages[0].number
    window = cut_window(above, below, NEAR)
    if is_gutter(window):
        return Seam(upper)
    found = _find(window, upper, detector)
    if found.doubtful:
        found = _find(cut_window(above, below, FAR), upper, detector)
    cut = [region for region in found.crossing if is_cut(region, found.window)]
    regions = [region for region in found.crossing if region not in cut]
    missing = tuple(page for page in (above.missing, below.missing) if page is not None) if cut else ()
    warnings = _warnings(upper, len(cut), missing)
    if not regions:
        return Seam(upper, warnings=warnings, missing=missing)
    return replace(_seam(found, upper, regions, reader), warnings=warnings, missing=missing)


def _warnings(upper: int, cut: int, missing: Sequence[int]) -> tuple[str, ...]:
    if not cut:
        return ()
    gone = f", or go on to page {' or '.join(map(str, missing))}, which could not be read" if missing else ""
    return (f"seam: {cut} texts at the border below page {upper} are too long to be joined{gone}",)


def _seam(found: _Found, upper: int, regions: Sequence[Region], reader: Reader) -> Seam:
    named = [replace(region, id=f"{prefix_of(upper)}{n}") for n, region in enumerate(regions, start=1)]
    pieces, mask = found.window.pieces, found.detection.mask
    read = reader.read(Page(upper, found.window.rgb), Detection(tuple(named), mask))
    readings = {reading.region_id: reading for reading in read}
    texts = []
    for region in named:
        reading, pages = readings.get(region.id), _pages_of(region, pieces)
        if pages:
            kind = _kind(region, reading, found.window)
            texts.append(SeamText(replace(region, kind=kind), reading, pages, _owner(region, pages, pieces)))
    return Seam(upper, tuple(texts), pieces, mask)


def _kind(region: Region, reading: Reading | None, window: Window) -> Kind:
    if region.balloon is not None or len(region.lines) != 1 or region.kind not in (Kind.NARRATION, Kind.DIALOGUE):
        return region.kind
    line = region.lines[0].box
    length = line.height if region.vertical else line.width
    # The box of a tilted line is thicker than its letters are.
    letter_px = min(thickness(region), length / max(1, len(reading.text) if reading else 0))
    return Kind.SFX if letter_px >= _LETTERING * window.width else region.kind


def _find(window: Window, upper: int, detector: Detector) -> _Found:
    detection = detector.detect(Page(upper, window.rgb))
    crossing = [region for region in detection.regions if is_of(region, window)]
    near = [region for region in detection.regions if region not in crossing and may_cross(region, window)]
    doubtful = [region for region in (*crossing, *near) if may_go_on(region, window)]
    return _Found(window, detection, tuple(crossing), tuple(doubtful))


def _pages_of(region: Region, pieces: Sequence[Piece]) -> tuple[int, ...]:
    return tuple(piece.page for piece in pieces if _letters(region, piece) > 0)


def _letters(region: Region, piece: Piece) -> int:
    """How much of a text a page has: the area of its lines there, window pixels."""
    boxes = [line.box for line in (*region.lines, *region.ruby)] or [region.box]
    return sum(box.width * max(0, min(box.y1, piece.bottom) - max(box.y0, piece.top)) for box in boxes)


def _owner(region: Region, pages: Sequence[int], pieces: Sequence[Piece]) -> int:
    """The page with most of the letters, the upper one where two have the same; where its part of the balloon is much
    smaller than another's, the page with the largest part."""
    parts = [piece for piece in pieces if piece.page in pages]
    most = max(parts, key=lambda piece: (_letters(region, piece), -piece.page))
    if region.balloon is None:
        return most.page
    room = {piece.page: area_between(region.balloon.contour, piece.top, piece.bottom) for piece in parts}
    roomiest = max(parts, key=lambda piece: (room[piece.page], -piece.page))
    return roomiest.page if room[most.page] < _ROOM * room[roomiest.page] else most.page
