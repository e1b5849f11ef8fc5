"""Sets translations onto a clean plate the way a letterer does.

Text flows in the shape of its balloon, at one size for the page's dialogue; what has no balloon gets a quiet
rectangle at its place and an outline. What cannot fit is set at the smallest readable size, marked ``overflow`` and
named in the warnings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from translator.pipeline.annotate import Sides
from translator.pipeline.drawing import Laid, draw
from translator.pipeline.fonts import FontBook
from translator.pipeline.free import free_area, panel_of
from translator.pipeline.layout import Layout
from translator.pipeline.manuscript import Manuscript, holds
from translator.pipeline.protocols import NO_PINS
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area, rectangle_area
from translator.pipeline.sizes import SizeRange, base_size, grown, size_range, usual_letter_px
from translator.pipeline.types import NO_PIN, Box, Kind, Pin, Region, Rgb, Translation, Typeset

_NEARLY, _CRAMPED = 0.7, 0.6
NO_ROOM = "no room beside the lettering: the translation does not stand on the page"
NO_TEXT = "no font has the text: it does not stand on the page"


class BalloonTypesetter:
    """A :class:`~translator.pipeline.protocols.Typesetter` over the fonts of a :class:`FontBook`."""

    name = "balloon-flow"

    def __init__(self, fonts: FontBook) -> None:
        self._fonts = fonts

    def typeset(
        self,
        plate: Rgb,
        regions: Sequence[Region],
        translations: Sequence[Translation],
        *,
        target: str,
        panels: Sequence[Box] = (),
        kept: Sequence[Box] = (),
        annotated: Collection[str] = (),
        pins: Mapping[str, Pin] = NO_PINS,
    ) -> Typeset:
        """A new page with every translation set, and a placement for each.

        A region without a translation, with an empty one, or with :attr:`Origin.KEPT_SOURCE` is left as it is: it has
        no placement. Warnings name characters that no font has, and texts that did not fit. A region of ``annotated``
        keeps its lettering and has its translation beside it; where there is no room, it is ``omitted``. What ``pins``
        say is done; where that does not fit, the placement says ``overflow``.
        """
        work = _PageSetting(self._fonts, plate, regions, target, (panels, kept), annotated, pins)
        return work.run(translations)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The page's ``base`` size and, by region, the size that each text would like."""

    base: int
    sizes: Mapping[str, int]


class _PageSetting:
    """The work on one page."""

    def __init__(
        self,
        fonts: FontBook,
        plate: Rgb,
        regions: Sequence[Region],
        target: str,
        known: tuple[Sequence[Box], Sequence[Box]],
        annotated: Collection[str],
        pins: Mapping[str, Pin],
    ) -> None:
        self.plate, (self.panels, self.kept) = plate, known
        self.annotated = {region.id: region for region in regions if region.id in annotated}
        regions = [region for region in regions if region.id not in annotated]
        self.height, self.width = plate.shape[:2]
        self.sizes = size_range(self.width, self.height, usual_letter_px(regions))
        self.page = plate.copy()
        self.warnings: list[str] = []
        by_id = {region.id: region for region in regions}
        self.manuscript = Manuscript(fonts, plate, target, by_id, self.panels, pins, self.warnings)
        self.omitted: dict[str, str] = {}

    def run(self, translations: Sequence[Translation]) -> Typeset:
        settings = self.manuscript.settings(translations, self.kept)
        reached = [setting.largest_in_balloon(self.sizes) for setting in settings]
        spoken = [
            size
            for setting, size in zip(settings, reached, strict=True)
            if size is not None and setting.region.balloon is not None and setting.pin.size_px is None
        ]
        base = base_size(spoken, self.sizes)
        plan = _Plan(base, self._planned(settings, reached, base))
        laid: list[Laid] = []
        for setting in settings:
            laid.append(self._lay(setting, plan, settings))
            if setting.region.balloon is None:  # what comes next keeps clear of it
                self.kept = [*self.kept, laid[-1].box]
        laid = [self._evened(one, laid, plan) for one in laid]
        notes = self._annotations(translations, laid, base)
        placements = tuple(draw(one, self.page, self.plate) for one in (*laid, *notes))
        return Typeset(self.page, placements, tuple(self.warnings), self.omitted)

    def _annotations(self, translations: Sequence[Translation], laid: Sequence[Laid], base: int) -> list[Laid]:
        """What is set beside its lettering, once everything else has its place."""
        wanted = [translation for translation in translations if translation.region_id in self.annotated]
        if not wanted:
            return []
        sides, found = self._sides(laid), []
        for translation in wanted:
            region = self.annotated[translation.region_id]
            setting = self.manuscript.annotation(region, translation)
            note = None if setting is None else sides.beside(setting, base, self.sizes)
            if setting is None or note is None:
                self._omit(region, NO_TEXT if setting is None else NO_ROOM)
                continue
            found.append(Laid(setting, note.area, note.layout, overflow=False, outlined=True))
            sides.take(note.area.box)
        return found

    def _omit(self, region: Region, why: str) -> None:
        self.omitted[region.id] = why
        self.warnings.append(f"typeset: region {region.id}: {why}")

    def _sides(self, laid: Sequence[Laid]) -> Sides:
        sides = Sides(self.plate, self.panels)
        leaning = {region.box for region in self.annotated.values()}
        for box in self.kept:
            if box not in leaning:
                sides.take(box)
        for region in self.annotated.values():
            sides.take_lettering(region)
        for one in laid:
            balloon = one.setting.region.balloon
            sides.take(one.box if balloon is None else balloon.contour)
            sides.take(one.box)
        return sides

    def _planned(self, settings: Sequence[Setting], reached: Sequence[int | None], base: int) -> dict[str, int]:
        """The size each text would like: the page's, more for what was drawn larger or has a roomy balloon."""
        planned = {}
        for setting, size in zip(settings, reached, strict=True):
            own = max(self.sizes.least, round(base * setting.scale))
            if setting.pin.size_px is not None:
                planned[setting.region.id] = setting.pin.size_px
                continue
            grows = setting.region.kind is not Kind.PAGE_NUMBER
            planned[setting.region.id] = grown(own, size, shouted=setting.shouted) if grows else own
        return planned

    def _lay(self, setting: Setting, plan: _Plan, settings: Sequence[Setting]) -> Laid:
        if setting.pin != NO_PIN:
            return self._lay_pinned(setting, plan, settings)
        most = plan.sizes[setting.region.id]
        area = setting.area if setting.area is not None else self._free_area(setting, most, settings)
        layout = setting.lay_out(area, plan.base, most, self.sizes)
        if setting.region.balloon is None and setting.area is not None and _cramped(layout, plan.base):
            setting = replace(setting, area=None)
            area = self._free_area(setting, plan.base, settings)
            layout = setting.lay_out(area, plan.base, plan.base, self.sizes)
        if layout is None and setting.region.balloon is not None:  # the balloon may be larger than what was found of it
            area = self.manuscript.quiet_area(setting.region, self.kept) or area
            layout = setting.lay_out(area, plan.base, plan.base, self.sizes)
        if layout is not None:
            return Laid(setting, area, layout, overflow=False)
        self.warnings.append(f"typeset: region {setting.region.id}: the text does not fit; set at the smallest size")
        area = self._free_area(setting, self.sizes.least, settings)
        return Laid(setting, area, setting.spill(area, self.sizes.least), overflow=True)

    def _lay_pinned(self, setting: Setting, plan: _Plan, settings: Sequence[Setting]) -> Laid:
        """As a person wants it. What does not fit is set all the same, and flagged."""
        most = plan.sizes[setting.region.id]
        least = most if setting.pin.size_px is not None else self.sizes.least
        area = setting.area if setting.area is not None else self._free_area(setting, most, settings)
        layout = setting.lay_out(area, most, most, SizeRange(least, max(least, self.sizes.wanted)))
        if layout is not None:
            return Laid(setting, area, layout, overflow=False)
        self.warnings.append(f"typeset: region {setting.region.id}: the text does not fit as it was pinned")
        return Laid(setting, area, setting.spill(area, least), overflow=True)

    def _evened(self, one: Laid, laid: Sequence[Laid], plan: _Plan) -> Laid:
        """Texts in one balloon have one size, where that takes little off the larger one."""
        joined = [other.layout.size for other in laid if _shares_balloon(one.setting.region, other.setting.region)]
        size = min(joined, default=one.layout.size)
        if one.overflow or one.setting.pin != NO_PIN or not _NEARLY * one.layout.size <= size < one.layout.size:
            return one
        layout = one.setting.lay_out(one.area, min(plan.base, size), size, self.sizes)
        return one if layout is None else replace(one, layout=layout)

    def _free_area(self, setting: Setting, size: int, settings: Sequence[Setting]) -> Area:
        own = setting.region.box
        if setting.vertical:
            return rectangle_area(own.pad(size // 4, width=self.width, height=self.height))
        pens = [setting.pen(px) for px in sorted({size, max(self.sizes.least, round(size * 0.85))}, reverse=True)]
        measured = [(pen.measured(setting.pieces), pen.leading) for pen in pens]
        taken = list(self.kept)
        taken += [other.ground for other in settings if other.region.id != setting.region.id]
        return free_area(self.plate, own, taken, measured, panel=panel_of(own, self.panels))


def _cramped(layout: Layout | None, base: int) -> bool:
    """Whether a text had better stand a little on the art than where there is nothing drawn."""
    return layout is None or layout.size < _CRAMPED * base


def _shares_balloon(region: Region, other: Region) -> bool:
    if other.id == region.id or region.balloon is None or other.balloon is None:
        return False
    return holds(region.balloon, other.box)
