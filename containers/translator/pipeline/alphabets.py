"""Which characters a source language can have: what a recognizer of 18,710 characters may answer."""

from __future__ import annotations

from functools import cache

_MARKS = frozenset(
    "〜～~♡♥♪♫☆★…‥‼⁉⁇⁈⁉・·–—―─○●◎※→←↑↓「」『』“”‘’【】《》〈〉（）()〔〕、。，．！？!?：；:;"
    "ー-－々〆ヶヵゝゞヽヾ＊*#＃&＆＋+=＝%％@＠/／.,'\" "
)
_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_ACCENTED = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœß")
_CODECS = {"ja": "cp932", "zh": "gbk", "zh-Hans": "gbk", "zh-Hant": "cp950"}

LANGUAGES = ("ja", "zh", "zh-Hans", "zh-Hant", "en")
"""The source languages that the default recognizer can read."""


class UnknownAlphabetError(Exception):
    """A source language that the default recognizer cannot read; the message names those that it can."""


@cache
def allowed(language: str, characters: tuple[str, ...]) -> frozenset[str]:
    """The part of ``characters`` that ``language`` can have; raises :class:`UnknownAlphabetError`."""
    if language not in LANGUAGES:
        raise UnknownAlphabetError(f"{language!r} is not one of {', '.join(LANGUAGES)}")
    if language == "en":
        return frozenset(c for c in characters if c in _LATIN | _ACCENTED | _MARKS)
    codecs = ("gbk", "cp950") if language == "zh" else (_CODECS[language],)
    kept = frozenset(c for c in characters if c in _MARKS or any(_encodes(c, codec) for codec in codecs))
    return kept - _foreign(language)


def _encodes(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _foreign(language: str) -> frozenset[str]:
    """Scripts that the code pages carry for mathematics and borders, and that no dialogue has."""
    ranges = [(0x0370, 0x0400), (0x0400, 0x0530), (0x2500, 0x2580)]
    if language != "ja":
        ranges.append((0x3041, 0x3100))
    return frozenset(chr(c) for a, b in ranges for c in range(a, b)) - _MARKS
