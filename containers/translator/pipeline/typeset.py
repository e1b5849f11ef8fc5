"""Sets translations onto a clean plate the way a letterer does.

Text flows in the shape of its balloon, at one size for the page's dialogue; what has no balloon gets a quiet
rectangle at its place and an outline. What cannot fit is set at the smallest readable size, marked ``overflow`` and
named in the warnings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from translator.pipeline.annotate import Sides
from translator.pipeline.centring import centred
from translator.pipeline.drawing import Laid, draw
from translator.pipeline.fonts import FontBook
from translator.pipeline.free import free_area, panel_of
from translator.pipeline.layout import Layout
from translator.pipeline.manuscript import Manuscript, holds
from translator.pipeline.protocols import NO_PINS, NOT_PLACED
from translator.pipeline.roles import are_alike
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area, area_beside, gap_between, rectangle_area
from translator.pipeline.sizes import SizeRange, base_size, grown, size_range, usual_letter_px
from translator.pipeline.standing import Standing, draw_again, standing
from translator.pipeline.types import NO_PIN, Balloon, Box, Kind, Pin, Placement, Region, Rgb, Translation, Typeset

_NEARLY, _CRAMPED = 0.7, 0.6
_TOUCHING_PX = 5
"""Contours of balloons without an outline between them are no farther apart."""
_SQUEEZED, _APART_EM = 0.85, 0.5
"""Below what share of the page's size a text is given its neighbours' spare room, and how far it stays from them, in
ems of the page's size."""
_NECK_EM = 1.0
"""How far a text may reach into a balloon that its own runs into, in ems of the page's size."""
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
        placed: Mapping[str, Placement] = NOT_PLACED,
    ) -> Typeset:
        """A new page with every translation set, and a placement for each.

        A region without a translation, with an empty one, or with :attr:`Origin.KEPT_SOURCE` is left as it is: it has
        no placement. Warnings name characters that no font has, and texts that did not fit. A region of ``annotated``
        keeps its lettering and has its translation beside it; where there is no room, it is ``omitted``. What ``pins``
        say is done; where that does not fit, the placement says ``overflow``. What is ``placed`` is drawn as it was,
        unless the fonts have changed.
        """
        work = _PageSetting(self._fonts, plate, regions, target, (panels, kept), annotated, pins, placed)
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
        placed: Mapping[str, Placement],
    ) -> None:
        self.placed = placed
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
        base = base_size(self._spoken(settings, reached, translations), self.sizes)
        plan = _Plan(base, self._planned(settings, reached, base))
        standing = [self._standing(setting) for setting in settings]
        self.kept = [*self.kept, *(one.box for one in standing if one and one.setting.region.balloon is None)]
        laid: list[Laid | Standing] = []
        for setting, as_it_was in zip(settings, standing, strict=True):
            laid.append(as_it_was or self._lay(setting, plan, settings))
            if setting.region.balloon is None and not as_it_was:  # what comes next keeps clear of it
                self.kept = [*self.kept, laid[-1].box]
        for at, one in enumerate(laid):
            laid[at] = self._loosened(one, laid, plan)
        laid = [self._evened(one, laid, plan) for one in laid]
        for at, one in enumerate(laid):
            laid[at] = self._in_the_middle(one, laid, plan)
        notes = self._annotations(translations, laid, base)
        placements = tuple(self._draw(one) for one in (*laid, *notes))
        return Typeset(self.page, placements, tuple(self.warnings), self.omitted)

    def _spoken(
        self, settings: Sequence[Setting], reached: Sequence[int | None], translations: Sequence[Translation]
    ) -> list[int]:
        """The sizes that texts in balloons can have, as if nothing was pinned: a pin is about one text alone."""
        if self.manuscript.pins:
            settings = replace(self.manuscript, pins=NO_PINS, warnings=[]).settings(translations, self.kept)
            reached = [setting.largest_in_balloon(self.sizes) for setting in settings]
        return [
            size
            for setting, size in zip(settings, reached, strict=True)
            if size is not None and setting.region.balloon is not None
        ]

    def _standing(self, setting: Setting) -> Standing | None:
        """The text as it was placed, where it was and can be drawn the same."""
        placement = self.placed.get(setting.region.id)
        found = None if placement is None else standing(setting, placement)
        if found is not None and found.placement.overflow:
            self._warn_of_overflow(setting)
        return found

    def _draw(self, one: Laid | Standing) -> Placement:
        return draw_again(one, self.page) if isinstance(one, Standing) else draw(one, self.page, self.plate)

    def _annotations(
        self, translations: Sequence[Translation], laid: Sequence[Laid | Standing], base: int
    ) -> list[Laid | Standing]:
        """What is set beside its lettering, once everything else has its place."""
        wanted = [translation for translation in translations if translation.region_id in self.annotated]
        if not wanted:
            return []
        sides = self._sides(laid)
        noted = [(one, self.manuscript.annotation(self.annotated[one.region_id], one)) for one in wanted]
        before = {one.region_id: self._standing(setting) for one, setting in noted if setting is not None}
        for one in filter(None, before.values()):
            sides.take(one.box)
        found: list[Laid | Standing] = []
        for translation, setting in noted:
            region, as_it_was = self.annotated[translation.region_id], before.get(translation.region_id)
            if as_it_was is not None:
                found.append(as_it_was)
                continue
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

    def _sides(self, laid: Sequence[Laid | Standing]) -> Sides:
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
            size = size if setting.region.kind is not Kind.PAGE_NUMBER else None
            planned[setting.region.id] = grown(own, size, shouted=setting.shouted, scale=setting.scale)
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
        self._warn_of_overflow(setting)
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
        self._warn_of_overflow(setting)
        return Laid(setting, area, setting.spill(area, least), overflow=True)

    def _warn_of_overflow(self, setting: Setting) -> None:
        how = "; set at the smallest size" if setting.pin == NO_PIN else " as it was pinned"
        self.warnings.append(f"typeset: region {setting.region.id}: the text does not fit{how}")

    def _loosened(self, one: Laid | Standing, laid: Sequence[Laid | Standing], plan: _Plan) -> Laid | Standing:
        """A small text that shares its balloon, or whose balloon runs into another, may have what the others leave of
        it, now that they stand: of another balloon, no more than the neck."""
        region, balloon = one.setting.region, one.setting.region.balloon
        if isinstance(one, Standing) or balloon is None or one.setting.pin != NO_PIN:
            return one
        if one.layout.looks >= _SQUEEZED * plan.base:
            return one
        joined = [other for other in laid if _share_balloon(one, other) or _touch(one, other)]
        if not joined:
            return one
        area = self._area_left(one, balloon, joined, plan)
        layout = None if area is None else one.setting.lay_out(area, plan.base, plan.sizes[region.id], self.sizes)
        if area is None or layout is None or layout.looks <= one.layout.looks:
            return one
        return replace(one, area=area, layout=layout, overflow=False)

    def _area_left(self, one: Laid, balloon: Balloon, joined: Sequence[Laid | Standing], plan: _Plan) -> Area | None:
        by = round(_APART_EM * plan.base)
        lobes = [lobe for other in joined if _touch(one, other) and (lobe := other.setting.region.balloon) is not None]
        taken = [box.pad(by, width=self.width, height=self.height) for other in joined for box in other.line_boxes]
        taken += [box for box in self.kept if any(holds(lobe, box) for lobe in (balloon, *lobes))]
        own, reach = one.setting.region.box, round(_NECK_EM * plan.base)
        return area_beside(self.plate, balloon, own, taken, joined=lobes, reach=reach)

    def _evened(self, one: Laid | Standing, laid: Sequence[Laid | Standing], plan: _Plan) -> Laid | Standing:
        """Texts in one balloon, or alike on the art of one panel, have one size, where that takes little off the larger
        one. In balloons that run into each other, none is larger than the page's size unless the other is."""
        if isinstance(one, Standing):
            return one
        free = [other for other in laid if other.setting.pin == NO_PIN]
        joined = [other.size for other in free if _share_balloon(one, other)]
        joined += [max(other.size, plan.base) for other in free if _touch(one, other)]
        joined += [other.size for other in free if are_alike(one.setting.region, other.setting.region, self.panels)]
        size = min(joined, default=one.layout.size)
        if one.overflow or one.setting.pin != NO_PIN or not _NEARLY * one.layout.size <= size < one.layout.size:
            return one
        layout = one.setting.lay_out(one.area, min(plan.base, size), size, self.sizes)
        return one if layout is None else replace(one, layout=layout)

    def _in_the_middle(self, one: Laid | Standing, laid: Sequence[Laid | Standing], plan: _Plan) -> Laid | Standing:
        """Centred where its ground has a shape, and nobody has said where the text stands: not towards a text that has
        come into the neck of its balloon."""
        if isinstance(one, Standing) or one.setting.area is None or one.overflow or one.setting.pin.box is not None:
            return one
        area = one.area.transposed if one.setting.vertical else one.area
        moved = replace(one, layout=centred(one.layout, area, one.setting.pen_of(one.layout).thickness))
        by = round(_APART_EM * plan.base)
        mine = [box.pad(by, width=self.width, height=self.height) for box in moved.line_boxes]
        beside = [box for other in laid if _share_balloon(one, other) or _touch(one, other) for box in other.line_boxes]
        return one if any(box.intersection(other).area for box in mine for other in beside) else moved

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


def _share_balloon(one: Laid, another: Laid | Standing) -> bool:
    region, other = one.setting.region, another.setting.region
    if other.id == region.id or region.balloon is None or other.balloon is None:
        return False
    return holds(region.balloon, other.box)


def _touch(one: Laid, another: Laid | Standing) -> bool:
    """Whether two texts of one kind stand in balloons that run into each other."""
    region, other = one.setting.region, another.setting.region
    if other.id == region.id or region.balloon is None or other.balloon is None or other.kind is not region.kind:
        return False
    return gap_between(region.balloon, other.balloon, at_most=_TOUCHING_PX) <= _TOUCHING_PX
