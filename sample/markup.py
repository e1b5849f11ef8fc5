"""The script's ruby markup: ``{彗星|すいせい}が落ちた。`` A line break ends a column (or a row)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sample.errors import MarkupError

_PART = re.compile(r"\{([^{}|\n]+)\|([^{}|\n]+)\}|([^{}|])")


@dataclass(frozen=True, slots=True)
class RubySpan:
    """``text`` stands beside ``base[start:end]``, counted over the whole text without breaks."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text taken apart: its columns or rows, in reading order, and its furigana."""

    lines: tuple[str, ...]
    ruby: tuple[RubySpan, ...]

    @property
    def plain(self) -> str:
        """The text as a reader is to hand it back: no furigana, no breaks."""
        return "".join(self.lines)


def parse(marked: str) -> Marked:
    """Takes markup apart; raises :class:`MarkupError` where it is broken or holds nothing."""
    base, ruby, at = "", [], 0
    while at < len(marked):
        part = _PART.match(marked, at)
        if part is None:
            raise MarkupError("text", f"broken ruby markup at {at} of {marked!r}")
        if part[1]:
            start = len(base.replace("\n", ""))
            ruby.append(RubySpan(start, start + len(part[1]), part[2]))
        base += part[1] or part[3]
        at = part.end()
    lines = tuple(line for line in base.split("\n") if line)
    if not base.strip():
        raise MarkupError("text", "no text")
    return Marked(lines, tuple(ruby))
