"""What is done with each text of a page: what the job asks for its kind, or less, and why."""

from __future__ import annotations

from dataclasses import dataclass

from contract.policy import Handling, Policies, Policy
from translator.pipeline.types import Kind, Origin, Reading, Region, Translation

LEAST_CONFIDENCE = 0.5
"""A text that was read less surely than this is left alone: a wrong translation is worse than none."""
_FRAMES = frozenset("田口日目回囗皿四ロコエニ三二一ー工十0oO")
"""What windows, shelves, boards and rings of a drawing are read as."""
_NAMES = {
    Kind.DIALOGUE: "dialogue",
    Kind.NARRATION: "narration",
    Kind.THOUGHT: "thoughts",
    Kind.SFX: "sound effects",
    Kind.SIGN: "signs",
    Kind.PAGE_NUMBER: "page numbers",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """``policy`` is what the job asks for texts of this kind, ``action`` what is to be done with this one: the same, or
    nothing. ``why`` says what speaks for an action that is no translation."""

    policy: Policy
    action: Policy
    why: str = ""

    @property
    def is_translated(self) -> bool:
        """Whether a translation is needed."""
        return self.action in (Policy.TRANSLATE, Policy.ANNOTATE)


def decide(region: Region, reading: Reading | None, policies: Policies) -> Decision:
    """What is to be done with a text. What may be a part of the drawing is never touched."""
    policy = policies.of(region.kind.value)
    if policy is Policy.KEEP:
        return Decision(policy, policy, _drawing(region, reading) or f"{_NAMES[region.kind]} stay as drawn")
    if region.kind is Kind.PAGE_NUMBER and policy is Policy.ERASE:  # told by its place; a digit alone is often not read
        return Decision(policy, policy, f"{_NAMES[region.kind]} are erased")
    if why := _drawing(region, reading) or (_unreadable(reading) if policy is not Policy.ERASE else ""):
        return Decision(policy, Policy.KEEP, why)
    return Decision(policy, policy, f"{_NAMES[region.kind]} are erased" if policy is Policy.ERASE else "")


def handling(decision: Decision, translation: Translation, *, is_set: bool) -> Handling:
    """What was done with a text; ``is_set`` is whether its translation stands on the page."""
    if translation.origin is Origin.KEPT_SOURCE:
        return Handling.KEPT
    if translation.origin is Origin.NONE:
        return Handling.ERASED
    if decision.action is Policy.ANNOTATE:
        return Handling.ANNOTATED if is_set else Handling.KEPT
    return Handling.TRANSLATED


def _drawing(region: Region, reading: Reading | None) -> str:
    """Why this may be no text at all."""
    if reading is None or not reading.text.strip():
        return "no text could be read"
    if region.balloon is None and set(reading.text) <= _FRAMES:
        return "a part of the drawing that looks like characters"
    return ""


def _unreadable(reading: Reading | None) -> str:
    """Why a text has no translation."""
    if reading is None or not any(char.isalnum() for char in reading.text):
        return "punctuation alone reads the same in every language"
    if reading.confidence < LEAST_CONFIDENCE:
        return f"read with confidence {reading.confidence:.2f}, less than {LEAST_CONFIDENCE:.2f}"
    return ""
