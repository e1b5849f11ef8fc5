"""Which text blocks of a page are translated, and why the others stay as they were drawn."""

from __future__ import annotations

from translator.pipeline.types import Kind, Reading, Region

LEAST_CONFIDENCE = 0.5
"""A text that was read less surely than this is left alone: a wrong translation is worse than none."""
_FRAMES = frozenset("田口日目回囗皿四ロコエニ三二一ー工十0oO")
"""What windows, shelves, boards and rings of a drawing are read as."""
_KEPT_KINDS = {
    Kind.SFX: "sound effects stay as drawn",
    Kind.SIGN: "signs stay as drawn",
    Kind.PAGE_NUMBER: "page numbers stay as drawn",
}


def reason_to_keep(region: Region, reading: Reading | None) -> str:
    """Why this region's original lettering stays; empty where it is to be translated."""
    if region.kind in _KEPT_KINDS:
        return _KEPT_KINDS[region.kind]
    if reading is None or not reading.text.strip():
        return "no text could be read"
    if not any(char.isalnum() for char in reading.text):
        return "punctuation alone reads the same in every language"
    if region.balloon is None and set(reading.text) <= _FRAMES:
        return "a part of the drawing that looks like characters"
    if reading.confidence < LEAST_CONFIDENCE:
        return f"read with confidence {reading.confidence:.2f}, less than {LEAST_CONFIDENCE:.2f}"
    return ""
