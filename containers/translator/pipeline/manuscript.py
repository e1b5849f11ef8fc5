"""The translations of a page as texts to set: each with its wording, its fonts, and the area that it may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from translator.pipeline.fonts import FontBook, FontChain, script_of
from translator.pipeline.free import panel_of, quiet_area
from translator.pipeline.pieces import BY_CHARACTER, RIGHT_TO_LEFT
from translator.pipeline.roles import role_of
from translator.pipeline.rubied import marked, whole
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area, balloon_area, rectangle_area
from translator.pipeline.sizes import emphasis
from translator.pipeline.types import NO_PIN, Balloon, Box, Kind, Origin, Pin, Region, Rgb, Translation
from translator.pipeline.wording import latin_wording, right_to_left_wording, wide_wording


@dataclass
class Manuscript:
    """A page's texts to be. ``regions``, by id, are those whose lettering is replaced.

    ``plate`` is the clean page, uint8 ``(height, width, 3)`` RGB. What has to be said of a text is in ``warnings``.
    """

    fonts: FontBook
    plate: Rgb
    target: str
    regions: Mapping[str, Region]
    panels: Sequence[Box]
    pins: Mapping[str, Pin]
    warnings: list[str] = field(default_factory=list)

    @property
    def script(self) -> str:
        return script_of(self.target)

    def settings(self, translations: Sequence[Translation], kept: Sequence[Box]) -> list[Setting]:
        """Those of the regions, without what has nothing to set; clear of ``kept``, the boxes of what stays."""
        scales = emphasis(list(self.regions.values()))
        found = []
        for translation in translations:
            region = self.regions.get(translation.region_id)
            if region is not None and translation.origin is not Origin.KEPT_SOURCE:
                setting = self._setting(region, translation.text, scales[region.id])
                found += [] if setting is None else [replace(setting, area=self._area(region, setting.pin, kept))]
        return found

    def _setting(self, region: Region, translation: str, scale: float) -> Setting | None:
        pin = self.pins.get(region.id, NO_PIN)
        chain = self._chain(region, translation, pin)
        if pin.lines:
            return self._pinned_lines(region, pin, chain)
        text = self._settable(region, translation, chain)
        fixed = region.kind is Kind.PAGE_NUMBER
        return self._set_as(region, text, chain, 1.0 if fixed else scale, pin) if text else None

    def _pinned_lines(self, region: Region, pin: Pin, chain: FontChain) -> Setting | None:
        """Lines as a person wrote them, small letters and marks included."""
        written = (self._with_glyphs(region, marked(line), chain) for line in pin.lines)
        lines = tuple(line for line in written if line)
        return self._set_as(region, " ".join(lines), chain, 1.0, replace(pin, lines=lines)) if lines else None

    def _set_as(self, region: Region, text: str, chain: FontChain, scale: float, pin: Pin) -> Setting:
        vertical = region.vertical and self.script in BY_CHARACTER
        return Setting(region, text, chain, self.target, vertical, scale, None, pin)

    def _area(self, region: Region, pin: Pin, kept: Sequence[Box]) -> Area | None:
        return self._balloon(region, kept) if pin.box is None else rectangle_area(pin.box)

    def _chain(self, region: Region, translation: str, pin: Pin) -> FontChain:
        role = role_of(region, translation, list(self.regions.values()), self.panels)
        chain = self.fonts.chain(role, self.target)
        if pin.font is None:
            return chain
        pinned = self.fonts.pinned(pin.font, chain)
        if pinned is None:
            self.warnings.append(f"typeset: region {region.id}: no font {pin.font!r:.80}; set in {chain.first.name}")
        return pinned or chain

    def _settable(self, region: Region, translation: str, chain: FontChain) -> str:
        """The text as it is set, without what no font has."""
        return self._with_glyphs(region, self._wording(marked(translation), chain), chain)

    def _with_glyphs(self, region: Region, text: str, chain: FontChain) -> str:
        missing = chain.missing(text)
        if missing:
            names = " ".join(f"U+{ord(char):04X}" for char in missing[:8])
            self.warnings.append(f"typeset: region {region.id}: no font has {names}; left out")
        return " ".join(whole("".join(char for char in text if char not in missing)).split())

    def _wording(self, text: str, chain: FontChain) -> str:
        if self.script in BY_CHARACTER or self.script == "Kore":
            return wide_wording(text, full_width=self.script != "Kore")
        if self.script in RIGHT_TO_LEFT:
            return right_to_left_wording(text, arabic=self.script == "Arab")
        return latin_wording(text, caps=chain.first.caps, target=self.target)

    def _balloon(self, region: Region, kept: Sequence[Box]) -> Area | None:
        if region.balloon is None:
            return self.quiet_area(region, kept)
        neighbours = [*kept, *(other.box for other in self.regions.values() if other.id != region.id)]
        others = [box for box in neighbours if holds(region.balloon, box)]
        return balloon_area(self.plate, region.balloon, region.box, others)

    def quiet_area(self, region: Region, kept: Sequence[Box]) -> Area | None:
        """The even ground around a text, as far as no other text stands on it."""
        taken = [*kept, *(other.box for other in self.regions.values() if other.id != region.id)]
        return quiet_area(self.plate, region.box, taken, panel_of(region.box, self.panels))

    def annotation(self, region: Region, translation: Translation) -> Setting | None:
        """Set small and plain, in rows, whatever the lettering is like."""
        if translation.origin is Origin.KEPT_SOURCE:
            return None
        chain = self.fonts.chain(Kind.NARRATION.value, self.target)
        text = self._settable(region, translation.text, chain)
        return Setting(replace(region, balloon=None), text, chain, self.target, False, 1.0, None) if text else None


def holds(balloon: Balloon, box: Box) -> bool:
    """Whether the middle of ``box`` lies in a balloon."""
    contour = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2)
    return len(contour) >= 3 and cv2.pointPolygonTest(contour, box.center, False) >= 0
