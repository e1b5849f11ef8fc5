"""What of a golden case has to be exactly the same: its font, size and lines."""

from __future__ import annotations

from typing import Any

from tests.translator.golden.cases import FOLDER
from translator.pipeline.types import Placement

RECORD = FOLDER / "golden.json"


def record(placement: Placement) -> dict[str, Any]:
    return {
        "font": placement.font,
        "size_px": placement.size_px,
        "vertical": placement.vertical,
        "overflow": placement.overflow,
        "outline": placement.stroke_rgb is not None,
        "lines": [line.text for line in placement.lines],
    }
