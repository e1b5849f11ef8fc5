"""A figure of an evaluation: its value, which way is better, and what it is to reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Unit(StrEnum):
    """How a value is written for people; in JSON a share and a percentage are both 0 to 1."""

    SHARE = "share"
    PERCENT = "percent"
    SECONDS = "seconds"
    MIB = "mib"
    COUNT = "count"
    PX = "px"
    RATIO = "ratio"
    SCORE = "score"
    """Of 100, in JSON too."""
    MONEY = "money"

    def write(self, value: float) -> str:
        if self is Unit.PERCENT:
            return f"{100 * value:.2f} %"
        if self is Unit.SECONDS:
            return f"{value:.2f} s"
        if self in (Unit.MIB, Unit.PX):
            return f"{value:.0f} {'MiB' if self is Unit.MIB else 'px'}"
        if self is Unit.COUNT:
            return f"{value:g}" if value == round(value) else f"{value:.2f}"
        if self is Unit.MONEY:
            return f"{value:.4f}"
        return f"{value:.2f}" if self in (Unit.RATIO, Unit.SCORE) else f"{value:.3f}"


@dataclass(frozen=True, slots=True)
class Figure:
    """``key`` is its stable name, for programs and for ``--min`` and ``--max``; ``target`` is what it is to reach."""

    key: str
    name: str
    value: float
    unit: Unit
    better: Better
    target: float | None = None

    @property
    def text(self) -> str:
        return self.unit.write(self.value)

    @property
    def target_text(self) -> str:
        if self.target is None:
            return ""
        sign = "≥" if self.better is Better.HIGHER else "≤"
        return f"{sign} {self.unit.write(self.target)}"

    @property
    def reaches(self) -> bool | None:
        """Whether the target is reached; ``None`` where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.better is Better.HIGHER else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": round(self.value, 6),
            "unit": self.unit.value,
            "better": self.better.value,
            "target": self.target,
        }
