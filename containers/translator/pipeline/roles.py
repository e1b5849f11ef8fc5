"""The part that a text's font plays on its page: its kind, unless what it says or stands beside is another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from translator.pipeline.free import panel_of
from translator.pipeline.sizes import letter_px
from translator.pipeline.types import Box, Kind, Region

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE, _PHRASE = 3, 2
"""How many different words no sound has, and how many none has beside narration of the same lettering."""
_ALIKE = 1.25


def role_of(region: Region, text: str, others: Sequence[Region], panels: Sequence[Box]) -> str:
    """The role that the font of ``text``, the translation of ``region``, is chosen for: a :class:`Kind`'s value.

    Large lettering on the art is not always a sound: a narrator may speak as large. What a person would read out as a
    sentence is set as narration, and so is what looks like the narration in its panel.
    """
    if region.kind is not Kind.SFX:
        return region.kind.value
    words = {word.casefold() for word in _WORD.findall(text)}
    beside = any(other.kind is Kind.NARRATION and are_alike(region, other, panels) for other in others)
    narrated = len(words) >= _SENTENCE or (len(words) >= _PHRASE and beside)
    return (Kind.NARRATION if narrated else Kind.SFX).value


def are_alike(region: Region, other: Region, panels: Sequence[Box]) -> bool:
    """Whether two texts stand on the art of one panel in letters of about one size."""
    if other.id == region.id or region.balloon is not None or other.balloon is not None:
        return False
    sizes = sorted((letter_px(region), letter_px(other)))
    return 0 < sizes[1] <= _ALIKE * sizes[0] and panel_of(region.box, panels) == panel_of(other.box, panels)
