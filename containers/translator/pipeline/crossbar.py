"""Which capital I has crossbars, as comic letterers have it: the pronoun, one that stands alone, and abbreviations.

In all other words it is a plain stroke. The rule is about capitals: a word with small letters in it is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+")
_NUMERAL = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ENGLISH_ABBREVIATIONS = frozenset({"AI", "API", "CIA", "DIY", "FBI", "ICU", "ID", "IDS", "IOU", "IP", "IQ", "IRS"})
_ENGLISH_ABBREVIATIONS |= {"MIT", "PI", "UI", "VIP", "VIPS"}
_WORDS_LIKE_NUMERALS = frozenset({"VI", "XI"})
"""Words in Italian, the Scandinavian languages and Pinyin; in English they are numerals."""


@dataclass(frozen=True, slots=True)
class LetterI:
    """How a font has both forms of the capital I: each is a letter of the font's (``"I"``, ``"l"``), or an OpenType
    feature of four letters or digits (``"ss01"``) that gives an I that form."""

    crossbar: str
    plain: str

    def __post_init__(self) -> None:
        for form in (self.crossbar, self.plain):
            if len(form) not in (1, 4) or not form.isascii() or not form.isalnum():
                raise ValueError(f"{form!r} is neither a letter nor an OpenType feature")

    def set_as(self, letter: str, *, plain: bool) -> tuple[str, str | None]:
        """What is drawn for ``letter``, a capital I with or without an accent, and the feature it needs, if any."""
        form = self.plain if plain else self.crossbar
        if len(form) == 4:
            return letter, form
        bare = unicodedata.normalize("NFD", letter)
        return (letter if form == bare[0] else form + bare[1:]), None


def is_capital_i(char: str) -> bool:
    """Also with an accent (``Í``) or a dot (``İ``)."""
    return unicodedata.normalize("NFD", char)[:1] == "I"


def plain_places(text: str, *, target: str) -> frozenset[int]:
    """Where in ``text`` a capital I is set without crossbars; ``target`` is its language, a BCP 47 tag."""
    english = target.split("-")[0].lower() == "en"
    return frozenset(
        word.start() + place
        for word in _WORD.finditer(text)
        if not _keeps_crossbars(word[0], english=english)
        for place, char in enumerate(word[0])
        if is_capital_i(char)
    )


def _keeps_crossbars(word: str, *, english: bool) -> bool:
    if len(word) == 1 or word != word.upper():
        return True
    if word in _ENGLISH_ABBREVIATIONS:
        return english
    return _NUMERAL.fullmatch(word) is not None and (english or word not in _WORDS_LIKE_NUMERALS)
