"""Several looks at one line, put together character by character: what most saw, and how sure all of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from translator.engines.ppocr_recognizer import Character, plain

_NOTHING = 0.5
"""What a look that sees no character at a place counts against those that see one."""
Slot = list[Character | None]
"""What each look saw at one place."""


def vote(looks: Sequence[Sequence[Character]]) -> tuple[Character, ...]:
    """The line that the looks agree on best.

    A character that all of them saw is as sure as the surest look: a closer cut shows less of a letter's place, and is
    less sure of small and large kana. Else it is the mean, 0.0 of the looks that saw another character or none.
    ``other`` is the best of what else was seen or thought likely.
    """
    slots: list[Slot] = [[character] for character in looks[0]]
    for number, look in enumerate(looks[1:], start=1):
        slots = list(_aligned(slots, look, number))
    return tuple(winner for slot in slots if (winner := _winner(slot)) is not None)


def _aligned(slots: Sequence[Slot], look: Sequence[Character], before: int) -> list[Slot]:
    """``slots`` with one look more; ``before`` looks are in them already, and saw nothing where it alone sees one."""
    shown = [plain(next(seen.text for seen in slot if seen is not None)) for slot in slots]
    out: list[Slot] = []
    matcher = SequenceMatcher(None, shown, [plain(character.text) for character in look], autojunk=False)
    for _, first, last, start, end in matcher.get_opcodes():
        for n in range(max(last - first, end - start)):
            slot: Slot = slots[first + n] if first + n < last else [None] * before
            out.append([*slot, look[start + n] if start + n < end else None])
    return out


def _winner(slot: Slot) -> Character | None:
    seen = [character for character in slot if character is not None]
    votes: dict[str, float] = {}
    for character in seen:
        votes[plain(character.text)] = votes.get(plain(character.text), 0.0) + character.confidence
    best = max(votes, key=lambda text: votes[text])
    if votes[best] < _NOTHING * (len(slot) - len(seen)):
        return None
    mine = max((one for one in seen if plain(one.text) == best), key=lambda one: one.confidence)
    rivals = [(votes[plain(one.text)], one.text) for one in seen if plain(one.text) != best]
    value, other = max([*((share / len(slot), text) for share, text in rivals), (mine.other_confidence, mine.other)])
    agreed = len(seen) == len(slot) and len(votes) == 1
    confidence = mine.confidence if agreed else votes[best] / len(slot)
    return replace(mine, confidence=confidence, other=other, other_confidence=value)
