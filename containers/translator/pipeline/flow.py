"""Text → pieces that may not be broken, and pieces → lines with the least raggedness in given widths.

The line breaking is optimal over the whole paragraph (D. E. Knuth, M. F. Plass, *Breaking paragraphs into lines*,
1981), with a width and an ideal width for each line, because a balloon is narrow at its top and bottom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NOT_AT_START = frozenset(
    "、。，．・：；？！‼⁇⁈⁉…‥ー～〜）］｝〕〉》」』】〙〗’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々ゝゞヽヾ,.:;?!)]}%°"
)
_NOT_AT_END = frozenset("（［｛〔〈《「『【〘〖‘“([{$£¥")
_WORDS_THAT_LEAN = frozenset(
    {"of", "to", "in", "on", "at", "by", "for", "and", "or", "but", "my", "your", "his", "her", "our", "their"}
    | {"i’m", "i’ll", "i’ve", "i’d"}
)
_WORDS_THAT_CLING = frozenset({"a", "an", "the", "i", "mr.", "mrs.", "ms.", "dr."})
_HONORIFICS = frozenset({"san", "sama", "kun", "chan", "tan", "sensei", "senpai", "sempai", "dono", "nee", "nii"})
_LEANS, _CLINGS, _HYPHEN, _NAME, _SENTENCE, _CLAUSE = 0.6, 3.0, 1.0, 12.0, -1.2, -0.3
"""Prices of starting a line after such a word, inside a word, before an honorific; a sentence likes a line's start."""
_ALONE, _ALONE_INSIDE = 1.5, 2.0
"""Prices of a line that is one short word: at the paragraph's ends, and between longer lines."""
_VOWELS = frozenset("aeiouyäöüáéíóúàèìòùâêîôûæœå")
_DIGRAPHS = frozenset({"th", "ch", "sh", "ph", "gh", "wh", "qu", "ck", "sc", "sk", "st", "sp", "tr", "pr", "br"})
_AFTER_HYPHEN = re.compile(r"(?<=\w[-–—/])(?=\w)|(?<=\w—)(?=\S)|(?<=\w\.\.\.)(?=\w)")
_STUTTER = re.compile(r"^\W*(?:\w{1,2}-)+$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that stays on one line. ``space``: a space stands before it where it does not start a line.

    ``penalty`` is the price of starting a line with it, in squared ems. ``hyphen``: ending a line with it shows one.
    """

    text: str
    space: bool
    penalty: float = 0.0
    hyphen: bool = False


def pieces_of(text: str, *, by_character: bool) -> tuple[Piece, ...]:
    """Cut ``text`` where lines may break: ``by_character`` with kinsoku (zh, ja), else at spaces and hyphens."""
    words = text.split()
    if by_character:
        return tuple(p for i, word in enumerate(words) for p in _characters(word, space=i > 0))
    found: list[Piece] = []
    for i, word in enumerate(words):
        for j, part in enumerate(_parts(word)):
            penalty = _inside_word(part) if j else _between_words(words[i - 1]) if i else 0.0
            found.append(Piece(part, j == 0 and i > 0, penalty))
    return tuple(found)


def _parts(word: str) -> list[str]:
    """A word cut after its hyphens and dashes; what stutters ("W-WHAT") stays whole."""
    parts: list[str] = []
    for part in _AFTER_HYPHEN.split(word):
        if parts and _STUTTER.match(parts[-1]):
            parts[-1] += part
        elif part:
            parts.append(part)
    return parts


def _inside_word(part: str) -> float:
    return _NAME if part.lower().strip("—-.,!?~’”…") in _HONORIFICS else _HYPHEN


def _between_words(before: str) -> float:
    word = before.lower().lstrip("“‘(")
    if word in _WORDS_THAT_CLING:
        return _CLINGS
    if word in _WORDS_THAT_LEAN:
        return _LEANS
    end = word.rstrip("”’)")[-1:]
    return _SENTENCE if end in (".", "!", "?", "…") else _CLAUSE if end in (",", ";", ":") else 0.0


def _characters(word: str, *, space: bool) -> list[Piece]:
    groups: list[str] = []
    for char in word:
        glued = groups and (
            char in _NOT_AT_START
            or groups[-1][-1] in _NOT_AT_END
            or (char.isascii() and char.isalnum() and groups[-1][-1].isascii() and groups[-1][-1].isalnum())
            or (char == groups[-1][-1] and char in "…—―─")
        )
        if glued:
            groups[-1] += char
        else:
            groups.append(char)
    blank = space and word[0].isascii()
    return [Piece(group, blank and i == 0) for i, group in enumerate(groups)]


def split_long(pieces: Sequence[Piece], width: Callable[[str], float], limit: float) -> tuple[Piece, ...]:
    """Break inside pieces wider than ``limit``, with a hyphen, at least three letters on each side: the last resort."""
    found: list[Piece] = []
    for piece in pieces:
        rest, space, penalty = piece.text, piece.space, piece.penalty
        while width(rest) > limit and len(rest) > 5:
            reach = next((n for n in range(len(rest) - 3, 3, -1) if width(rest[:n] + "-") <= limit), 3)
            cut = next((n for n in range(reach, 2, -1) if _begins_syllable(rest, n)), reach)
            found.append(Piece(rest[:cut], space, penalty, hyphen=rest[cut - 1].isalpha()))
            rest, space, penalty = rest[cut:], False, 4.0
        found.append(Piece(rest, space, penalty))
    return tuple(found)


def _begins_syllable(word: str, at: int) -> bool:
    """Whether a Latin word may be divided before ``at``: a consonant that a vowel follows, no digraph torn, a vowel on
    both sides. A rule of thumb, not a dictionary."""
    low = word.lower()
    starts = low[at].isalpha() and low[at] not in _VOWELS and low[at + 1] in _VOWELS
    return starts and low[at - 1 : at + 1] not in _DIGRAPHS and any(char in _VOWELS for char in low[:at])


@dataclass(frozen=True)
class Paragraph:
    """Pieces measured at one size: ``widths[i, j]`` is the width of the line of pieces ``i`` to ``j - 1``."""

    pieces: tuple[Piece, ...]
    widths: NDArray[np.float64]
    extra: NDArray[np.float64]
    size: float

    @property
    def count(self) -> int:
        return len(self.pieces)

    @property
    def widest_piece(self) -> float:
        return float(max(self.widths[i, i + 1] for i in range(self.count)))

    @property
    def length(self) -> float:
        """The width of the whole text in one line."""
        return float(self.widths[0, self.count])

    def line(self, start: int, end: int) -> str:
        return line_text(self.pieces, start, end)


def line_text(pieces: Sequence[Piece], start: int, end: int) -> str:
    parts = [(" " if piece.space and i > 0 else "") + piece.text for i, piece in enumerate(pieces[start:end])]
    return "".join(parts) + ("-" if pieces[end - 1].hyphen and end < len(pieces) else "")


def measure(pieces: tuple[Piece, ...], width: Callable[[str], float], size: float) -> Paragraph:
    """Measure ``pieces`` with ``width`` (pixels of a string at ``size``)."""
    n = len(pieces)
    own = np.array([width(piece.text) for piece in pieces])
    blank = width(" ")
    gaps = np.array([blank if piece.space else 0.0 for piece in pieces])
    total = np.concatenate(([0.0], np.cumsum(own + gaps)))
    widths = np.full((n + 1, n + 1), np.inf)
    extra = np.zeros((n + 1, n + 1))
    hyphen = np.array([width("-") if piece.hyphen else 0.0 for piece in pieces])
    for start in range(n):
        ends = np.arange(start + 1, n + 1)
        widths[start, ends] = total[ends] - total[start] - gaps[start] + np.where(ends < n, hyphen[ends - 1], 0.0)
        extra[start, ends] = pieces[start].penalty if start else 0.0
        if n > 1:
            extra[start, start + 1] += _alone(pieces[start].text, inside=0 < start < n - 1)
    return Paragraph(pieces, widths, extra, size)


def _alone(word: str, *, inside: bool) -> float:
    if inside and len(word) <= 4:
        return _ALONE_INSIDE
    return _ALONE if len(word) <= 3 else 0.0


def fits(paragraph: Paragraph, limits: NDArray[np.float64]) -> bool:
    """Whether the paragraph can be set in exactly ``len(limits)`` lines, none wider than its limit and none empty."""
    reached = np.zeros(paragraph.count + 1, bool)
    reached[0] = True
    for limit in limits:
        reached = (paragraph.widths[reached] <= limit + 1e-6).any(axis=0)
    return bool(reached[paragraph.count])


def break_lines(
    paragraph: Paragraph, limits: Sequence[float], ideals: Sequence[float]
) -> tuple[float, tuple[int, ...]] | None:
    """The cheapest way to set the paragraph in exactly ``len(limits)`` lines.

    Returns its cost (squared deviations from ``ideals`` in ems, and penalties, a line) and the piece that each line
    ends before; ``None`` where a line would be wider than its limit.
    """
    count = paragraph.count
    best = np.full(count + 1, np.inf)
    best[0] = 0.0
    back: list[NDArray[np.intp]] = []
    for limit, ideal in zip(limits, ideals, strict=True):
        deviation = ((paragraph.widths - ideal) / paragraph.size) ** 2 + paragraph.extra
        price = best[:, None] + np.where(paragraph.widths <= limit + 1e-6, deviation, np.inf)
        back.append(np.argmin(price, axis=0))
        best = price[back[-1], np.arange(count + 1)]
    if not np.isfinite(best[count]):
        return None
    ends, end = [count], count
    for choices in reversed(back[1:]):
        end = int(choices[end])
        ends.append(end)
    return float(best[count]) / len(limits), tuple(reversed(ends))
