"""Text → pieces that may not be broken: words, phrases, characters under kinsoku, and syllables as the last resort."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import budoux
import pyphen

from translator.pipeline.fonts import script_of
from translator.pipeline.rubied import atoms, is_marked, plain

BY_CHARACTER = ("Jpan", "Hans", "Hant")
"""Scripts that break lines between characters."""
RIGHT_TO_LEFT = ("Arab", "Hebr")
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
_INSIDE_PHRASE = {"Jpan": 6.0, "Hans": 3.0, "Hant": 3.0}
"""Price of starting a line inside a phrase: a Japanese reader stumbles, a Chinese phrase is a word or two."""
_QUOTED, _SHORT_QUOTE = 6.0, re.compile(r"[「『“‘〝《〈][^「」『』“”‘’〝〞《》〈〉]{1,6}[」』”’〞》〉]")
"""Price of starting a line inside a name or a word in quotes."""
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
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


def pieces_of(text: str, *, target: str) -> tuple[Piece, ...]:
    """Cut ``text`` where the language ``target`` (a BCP 47 tag) lets lines break: between characters under kinsoku,
    rather at phrases (zh, ja), between words that nothing parts (th), at spaces and hyphens (all others)."""
    script, words = script_of(target), text.split()
    if script in BY_CHARACTER:
        return tuple(p for i, word in enumerate(words) for p in _characters(word, script, space=i > 0))
    if script == "Thai":
        return tuple(p for i, word in enumerate(words) for p in _thai_words(word, space=i > 0))
    found: list[Piece] = []
    for i, word in enumerate(words):
        for j, part in enumerate(_parts(word)):
            penalty = _inside_word(part) if j else _between_words(words[i - 1]) if i else 0.0
            found.append(Piece(part, j == 0 and i > 0, penalty))
    return tuple(found)


def pieces_of_lines(lines: Sequence[str]) -> tuple[Piece, ...]:
    """One piece a line: to be set in exactly as many lines."""
    return tuple(Piece(line, space=i > 0) for i, line in enumerate(lines))


def _thai_words(word: str, *, space: bool) -> list[Piece]:
    """Words as a model parts them; marks stay with the word before them. One with ruby stays whole."""
    if is_marked(word):
        return [Piece(word, space)]
    parts: list[str] = []
    for part in _parser("Thai").parse(word):
        if parts and not any(char.isalnum() for char in part):
            parts[-1] += part
        else:
            parts.append(part)
    return [Piece(part, space and i == 0) for i, part in enumerate(parts)]


@functools.cache
def _parser(script: str) -> budoux.Parser:
    load = {
        "Jpan": budoux.load_default_japanese_parser,
        "Hans": budoux.load_default_simplified_chinese_parser,
        "Hant": budoux.load_default_traditional_chinese_parser,
        "Thai": budoux.load_default_thai_parser,
    }
    return load[script]()


def _parts(word: str) -> list[str]:
    """A word cut after its hyphens and dashes; what stutters ("W-WHAT") or has ruby stays whole."""
    if is_marked(word):
        return [word]
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


def _characters(word: str, script: str, *, space: bool) -> list[Piece]:
    groups: list[str] = []
    for atom in atoms(word):
        if groups and _is_glued(plain(groups[-1])[-1], plain(atom)[0]):
            groups[-1] += atom
        else:
            groups.append(atom)
    text = plain(word)
    blank, starts, at = space and text[0].isascii(), _phrase_starts(text, script), 0
    quoted = {place for quote in _SHORT_QUOTE.finditer(text) for place in range(quote.start() + 1, quote.end())}
    pieces = []
    for i, group in enumerate(groups):
        before = plain(groups[i - 1])[-1] if i else ""
        penalty = _QUOTED if at in quoted else _after_mark(before) or (0.0 if at in starts else _INSIDE_PHRASE[script])
        pieces.append(Piece(group, blank and i == 0, penalty))
        at += len(plain(group))
    return pieces


def _after_mark(before: str) -> float:
    """Price of starting a line after a mark that ends a sentence or a clause; 0.0 after a letter."""
    return _SENTENCE if before and before in "。！？!?" else _CLAUSE if before and before in "，、；：,;:…" else 0.0


def _phrase_starts(word: str, script: str) -> frozenset[int]:
    starts, at = {0}, 0
    for phrase in _parser(script).parse(word):
        starts.add(at)
        at += len(phrase)
    return frozenset(starts)


def _is_glued(before: str, char: str) -> bool:
    if char in _NOT_AT_START or before in _NOT_AT_END:
        return True
    both_latin = char.isascii() and char.isalnum() and before.isascii() and before.isalnum()
    return both_latin or (char == before and char in "…—―─")


def split_long(
    pieces: Sequence[Piece],
    width: Callable[[str], float],
    limit: float,
    *,
    target: str,
    shortest: int = 6,
    anywhere: bool = True,
) -> tuple[Piece, ...]:
    """Break inside words of ``shortest`` letters or more that are wider than ``limit``, with a hyphen, three letters at
    least on each side: the last resort.

    Words are divided by the language's hyphenation patterns. Where those have no place that fits, they are divided, if
    ``anywhere``, after two letters too, and at last wherever the limit demands. Arabic and Hebrew words never are, nor
    is what has ruby.
    """
    if script_of(target) in RIGHT_TO_LEFT:
        return tuple(pieces)
    found: list[Piece] = []
    for piece in pieces:
        rest, space, penalty = piece.text, piece.space, piece.penalty
        while not is_marked(rest) and width(rest) > limit and _letters(rest) >= (shortest if rest is piece.text else 6):
            reach = next((n for n in range(len(rest) - 3, 3, -1) if width(rest[:n] + "-") <= limit), 3)
            cut = _cut(rest, reach, target, anywhere=anywhere)
            if not cut:
                break
            found.append(Piece(rest[:cut], space, penalty, hyphen=rest[cut - 1].isalpha()))
            rest, space, penalty = rest[cut:], False, 4.0
        found.append(Piece(rest, space, penalty))
    return tuple(found)


def _letters(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _cut(text: str, reach: int, target: str, *, anywhere: bool) -> int:
    """After how many letters, ``reach`` at most, a word is divided: 0 for nowhere."""
    for least in (3, 2) if anywhere else (3,):
        if places := [n for n in _syllables(text, target, least) if least <= n <= reach]:
            return max(places)
    return reach if anywhere else 0


def _syllables(text: str, target: str, least: int) -> list[int]:
    """Where the word in ``text`` may be divided, ``least`` letters left on each side; nowhere, where the language has
    no patterns."""
    patterns, word = _patterns(target, least), _WORD.search(text)
    if patterns is None or word is None:
        return []
    return [word.start() + place for place in patterns.positions(word[0].lower())]


@functools.cache
def _patterns(target: str, least: int) -> pyphen.Pyphen | None:
    # Without a country pyphen takes the British patterns, which divide by a word's origin: POIS-ONING.
    language = pyphen.language_fallback("en_US" if target.lower() == "en" else target.replace("-", "_"))
    return None if language is None else pyphen.Pyphen(lang=language, left=least, right=least)
