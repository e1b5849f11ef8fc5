"""Sets translations onto a clean plate the way a letterer does.

Text flows in the shape of its balloon, at one size for the page's dialogue; what has no balloon gets a quiet
rectangle at its place and an outline. What cannot fit is set at the smallest readable size, marked ``overflow`` and
named in the warnings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from translator.pipeline.annotate import Sides
from translator.pipeline.fonts import FontBook, FontChain, script_of
from translator.pipeline.free import free_area, panel_of, quiet_area
from translator.pipeline.layout import Layout
from translator.pipeline.letters import blend, ink_of, placed_line
from translator.pipeline.pieces import BY_CHARACTER, RIGHT_TO_LEFT
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area, balloon_area, rectangle_area
from translator.pipeline.sizes import base_size, emphasis, grown, size_range, usual_letter_px
from translator.pipeline.types import Balloon, Box, Kind, Origin, Placement, Region, Rgb, Translation, Typeset
from translator.pipeline.wording import latin_wording, right_to_left_wording, wide_wording

_Colour = tuple[int, int, int]
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_STROKE_EM = 0.13
_NEARLY, _CRAMPED = 0.7, 0.6
_BUSY = 0.02
"""Share of edge pixels under a text from which it gets an outline."""


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
    ) -> Typeset:
        """A new page with every translation set, and a placement for each.

        A region without a translation, with an empty one, or with :attr:`Origin.KEPT_SOURCE` is left as it is: it has
        no placement. Warnings name characters that no font has, and texts that did not fit. A region of ``annotated``
        keeps its lettering and has its translation beside it; where there is no room, it is ``omitted``.
        """
        work = _PageSetting(self._fonts, plate, regions, target, (panels, kept), annotated)
        return work.run(translations)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The page's ``base`` size and, by region, the size that each text would like."""

    base: int
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A text with its lines, before anything is drawn."""

    setting: Setting
    area: Area
    layout: Layout
    overflow: bool
    outlined: bool = False

    @property
    def box(self) -> Box:
        """The frame of the lines' bands."""
        body, lines = self.setting.pen(self.layout.size).thickness, self.layout.lines
        starts, bands = [line.along for line in lines], [line.across for line in lines]
        x0, y0, x1, y1 = (
            min(starts),
            min(bands),
            max(line.along + line.length for line in lines),
            max(bands) + body,
        )
        corners = (y0, x0, y1, x1) if self.setting.vertical else (x0, y0, x1, y1)
        return Box(*(round(value) for value in corners))


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
    ) -> None:
        self.fonts, self.plate, self.target = fonts, plate, target
        self.panels, self.kept = known
        self.annotated = {region.id: region for region in regions if region.id in annotated}
        regions = [region for region in regions if region.id not in annotated]
        self.regions = {region.id: region for region in regions}
        self.height, self.width = plate.shape[:2]
        self.sizes = size_range(self.width, self.height, usual_letter_px(regions))
        self.script = script_of(target)
        self.page = plate.copy()
        self.warnings: list[str] = []
        self.omitted: dict[str, str] = {}

    def run(self, translations: Sequence[Translation]) -> Typeset:
        settings = self._settings(translations)
        reached = [setting.largest_in_balloon(self.sizes) for setting in settings]
        spoken = [
            size
            for setting, size in zip(settings, reached, strict=True)
            if size is not None and setting.region.balloon is not None
        ]
        base = base_size(spoken, self.sizes)
        plan = _Plan(base, self._planned(settings, reached, base))
        laid: list[_Laid] = []
        for setting in settings:
            laid.append(self._lay(setting, plan, settings))
            if setting.region.balloon is None:  # what comes next keeps clear of it
                self.kept = [*self.kept, laid[-1].box]
        laid = [self._evened(one, laid, plan) for one in laid]
        notes = self._annotations(translations, laid, base)
        placements = tuple(self._draw(one) for one in (*laid, *notes))
        return Typeset(self.page, placements, tuple(self.warnings), self.omitted)

    def _annotations(self, translations: Sequence[Translation], laid: Sequence[_Laid], base: int) -> list[_Laid]:
        """What is set beside its lettering, once everything else has its place."""
        wanted = [translation for translation in translations if translation.region_id in self.annotated]
        if not wanted:
            return []
        sides, found = self._sides(laid), []
        for translation in wanted:
            region = self.annotated[translation.region_id]
            setting = self._annotation(region, translation)
            note = None if setting is None else sides.beside(setting, base, self.sizes)
            if setting is None or note is None:
                self._omit(region, NO_TEXT if setting is None else NO_ROOM)
                continue
            found.append(_Laid(setting, note.area, note.layout, overflow=False, outlined=True))
            sides.take(note.area.box)
        return found

    def _omit(self, region: Region, why: str) -> None:
        self.omitted[region.id] = why
        self.warnings.append(f"typeset: region {region.id}: {why}")

    def _sides(self, laid: Sequence[_Laid]) -> Sides:
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

    def _annotation(self, region: Region, translation: Translation) -> Setting | None:
        """Set small and plain, in rows, whatever the lettering is like."""
        if translation.origin is Origin.KEPT_SOURCE:
            return None
        chain = self.fonts.chain(Kind.NARRATION.value, self.target)
        text = self._settable(region, translation.text, chain)
        return Setting(replace(region, balloon=None), text, chain, self.target, False, 1.0, None) if text else None

    def _planned(self, settings: Sequence[Setting], reached: Sequence[int | None], base: int) -> dict[str, int]:
        """The size each text would like: the page's, more for what was drawn larger or has a roomy balloon."""
        planned = {}
        for setting, size in zip(settings, reached, strict=True):
            own = max(self.sizes.least, round(base * setting.scale))
            grows = setting.region.kind is not Kind.PAGE_NUMBER
            planned[setting.region.id] = grown(own, size, shouted=setting.shouted) if grows else own
        return planned

    def _settings(self, translations: Sequence[Translation]) -> list[Setting]:
        scales = emphasis(list(self.regions.values()))
        found = []
        for translation in translations:
            region = self.regions.get(translation.region_id)
            if region is not None and translation.origin is not Origin.KEPT_SOURCE:
                setting = self._setting(region, translation.text, scales[region.id])
                found += [] if setting is None else [setting]
        return found

    def _setting(self, region: Region, translation: str, scale: float) -> Setting | None:
        chain = self.fonts.chain(region.kind.value, self.target)
        text = self._settable(region, translation, chain)
        if not text:
            return None
        vertical = region.vertical and self.script in BY_CHARACTER
        fixed = region.kind is Kind.PAGE_NUMBER
        return Setting(region, text, chain, self.target, vertical, 1.0 if fixed else scale, self._balloon(region))

    def _settable(self, region: Region, translation: str, chain: FontChain) -> str:
        """The text as it is set, without what no font has."""
        text = self._wording(translation, chain)
        missing = chain.missing(text)
        if missing:
            names = " ".join(f"U+{ord(char):04X}" for char in missing[:8])
            self.warnings.append(f"typeset: region {region.id}: no font has {names}; left out")
        return " ".join("".join(char for char in text if char not in missing).split())

    def _wording(self, text: str, chain: FontChain) -> str:
        if self.script in BY_CHARACTER or self.script == "Kore":
            return wide_wording(text, full_width=self.script != "Kore")
        if self.script in RIGHT_TO_LEFT:
            return right_to_left_wording(text, arabic=self.script == "Arab")
        return latin_wording(text, caps=chain.first.caps, target=self.target)

    def _balloon(self, region: Region) -> Area | None:
        if region.balloon is None:
            return self._quiet_area(region)
        neighbours = [*self.kept, *(other.box for other in self.regions.values() if other.id != region.id)]
        others = [box for box in neighbours if _holds(region.balloon, box)]
        return balloon_area(self.plate, region.balloon, region.box, others)

    def _quiet_area(self, region: Region) -> Area | None:
        taken = [*self.kept, *(other.box for other in self.regions.values() if other.id != region.id)]
        return quiet_area(self.plate, region.box, taken, panel_of(region.box, self.panels))

    def _lay(self, setting: Setting, plan: _Plan, settings: Sequence[Setting]) -> _Laid:
        most = plan.sizes[setting.region.id]
        area = setting.area if setting.area is not None else self._free_area(setting, most, settings)
        layout = setting.lay_out(area, plan.base, most, self.sizes)
        if setting.region.balloon is None and setting.area is not None and _cramped(layout, plan.base):
            setting = replace(setting, area=None)
            area = self._free_area(setting, plan.base, settings)
            layout = setting.lay_out(area, plan.base, plan.base, self.sizes)
        if layout is None and setting.region.balloon is not None:  # the balloon may be larger than what was found of it
            area = self._quiet_area(setting.region) or area
            layout = setting.lay_out(area, plan.base, plan.base, self.sizes)
        if layout is not None:
            return _Laid(setting, area, layout, overflow=False)
        self.warnings.append(f"typeset: region {setting.region.id}: the text does not fit; set at the smallest size")
        area = self._free_area(setting, self.sizes.least, settings)
        return _Laid(setting, area, setting.spill(area, self.sizes.least), overflow=True)

    def _evened(self, one: _Laid, laid: Sequence[_Laid], plan: _Plan) -> _Laid:
        """Texts in one balloon have one size, where that takes little off the larger one."""
        joined = [other.layout.size for other in laid if _shares_balloon(one.setting.region, other.setting.region)]
        size = min(joined, default=one.layout.size)
        if one.overflow or not _NEARLY * one.layout.size <= size < one.layout.size:
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

    def _draw(self, one: _Laid) -> Placement:
        setting, area, laid, overflow = one.setting, one.area, one.layout, one.overflow
        pen = setting.pen(laid.size)
        inks = [ink_of(line, pen) for line in laid.lines]
        lines = tuple(placed_line(line, ink) for line, ink in zip(laid.lines, inks, strict=True))
        fill, stroke = self._colours(setting, [ink.box for ink in inks], outlined=overflow or one.outlined)
        stroke_px = max(2, round(laid.size * _STROKE_EM)) if stroke is not None else 0
        if stroke is not None:
            for line in laid.lines:
                blend(self.page, ink_of(line, pen, stroke=stroke_px), stroke)
        for ink in inks:
            blend(self.page, ink, fill)
        return Placement(
            region_id=setting.region.id,
            lines=lines,
            font=setting.chain.first.name,
            size_px=laid.size,
            origin_xy=(min(line.origin_xy[0] for line in lines), min(line.origin_xy[1] for line in lines)),
            area=area.box,
            fill_rgb=fill,
            stroke_rgb=stroke,
            stroke_px=stroke_px,
            vertical=setting.vertical,
            overflow=overflow,
        )

    def _colours(self, setting: Setting, inks: Sequence[Box], *, outlined: bool) -> tuple[_Colour, _Colour | None]:
        """The text's colour by the ground it really stands on, and an outline where that ground is not plain."""
        around = inks[0]
        for ink in inks[1:]:
            around = around.union(ink)
        seen = around.intersection(Box(0, 0, self.width, self.height))
        if seen.area == 0:
            return _BLACK, _WHITE
        grey = cv2.cvtColor(self.plate[seen.y0 : seen.y1, seen.x0 : seen.x1], cv2.COLOR_RGB2GRAY)
        balloon = setting.region.balloon
        flat = balloon is not None and balloon.fill_rgb is not None
        dark = balloon.is_dark if flat and balloon is not None else float(np.mean(grey)) < 105
        edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        outlined = outlined or float(np.mean(edges > 48)) > _BUSY
        fill, stroke = (_WHITE, _BLACK) if dark else (_BLACK, _WHITE)
        return fill, stroke if outlined else None


def _cramped(layout: Layout | None, base: int) -> bool:
    """Whether a text had better stand a little on the art than where there is nothing drawn."""
    return layout is None or layout.size < _CRAMPED * base


def _shares_balloon(region: Region, other: Region) -> bool:
    if other.id == region.id or region.balloon is None or other.balloon is None:
        return False
    return _holds(region.balloon, other.box)


def _holds(balloon: Balloon, box: Box) -> bool:
    contour = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2)
    return len(contour) >= 3 and cv2.pointPolygonTest(contour, box.center, False) >= 0
