"""Where lines end inside words: with a hyphen that the text has not, or without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translator.pipeline.fonts import script_of
from translator.pipeline.pieces import BY_CHARACTER

_MAY_BREAK = frozenset("-‐‑–—―/…._~～〜|")


@dataclass(frozen=True, slots=True)
class Breaks:
    """``hyphens``: words divided at a line's end; ``broken``: words that go on in the next line without a sign."""

    hyphens: int = 0
    broken: int = 0


def breaks_of(text: str, lines: Sequence[str], *, target: str) -> Breaks | None:
    """Counts them; ``None`` where ``lines`` do not have the letters of ``text``. Case is no difference.

    Where the script of ``target`` has no spaces between words, lines may end after any letter.
    """
    between = _between(text)
    if "".join(_letters(line) for line in lines) != _letters(text):
        return None
    if script_of(target) in (*BY_CHARACTER, "Thai"):
        return Breaks()
    hyphens = broken = at = 0
    for line in lines[:-1]:
        at += len(_letters(line))
        inside = 0 < at < len(between) and not any(c.isspace() or c in _MAY_BREAK for c in between[at])
        if inside and line.rstrip().endswith("-"):
            hyphens += 1
        elif inside and not between[at]:
            broken += 1
    return Breaks(hyphens, broken)


def _letters(text: str) -> str:
    return "".join(char.casefold() for char in text if char.isalnum())


def _between(text: str) -> list[str]:
    """What stands before each letter."""
    found, since = [], ""
    for char in text:
        if char.isalnum():
            folded = char.casefold()
            found += [since, *("" for _ in folded[1:])]
            since = ""
        else:
            since += char
    return found
