"""Kana in Latin letters, Hepburn as passports write it (long vowels unmarked): for names and unknown words."""

from __future__ import annotations

import re
import unicodedata

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "y": "ヤ ユ ヨ",
    "r": "ラリルレロ",
    "w": "ワヰ ヱヲ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_IRREGULAR = {
    **{"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu"},
    **{"ヲ": "o", "ヰ": "i", "ヱ": "e", "ン": "n", "ヴ": "vu", "ヵ": "ka", "ヶ": "ke", "ヮ": "wa"},
}
_SMALL = dict(zip("ァィゥェォャュョヮ", ("a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"), strict=True))
_LETTERS = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
    if kana != " "
} | _IRREGULAR
_LONG = re.compile(r"(?<=o)[ou]+|(?<=u)u+|(?<=aa)a+|(?<=ii)i+|(?<=ee)e+")
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}


def romanize(kana: str) -> str:
    """``kana`` (hiragana or katakana) in lower-case Latin letters; other characters are left out."""
    text = unicodedata.normalize("NFKC", kana).translate(_TO_KATAKANA)
    syllables: list[str] = []
    double = False
    for character in text:
        if character == "ッ":
            double = True
        elif character in _SMALL and syllables:
            syllables[-1] = _contracted(syllables[-1], _SMALL[character])
        elif letters := _LETTERS.get(character) or _SMALL.get(character) or _ascii(character):
            syllables.append(_doubled(letters) if double else letters)
            double = False
    return _LONG.sub("", "".join(syllables))


def _contracted(syllable: str, small: str) -> str:
    """``syllable`` with a small kana after it: ki + ya = kya, shi + ya = sha, fu + a = fa, te + i = ti."""
    stem = syllable[:-1]
    if not stem:
        return ("w" if syllable == "u" and small in "ieo" else syllable) + small
    if small[0] != "y":
        return (stem if syllable[-1] != small else syllable) + ("" if syllable[-1] == small else small)
    return stem + (small[1:] if stem.endswith(("sh", "ch", "j")) else small)


def _doubled(letters: str) -> str:
    if letters[0] in "aiueon":
        return letters
    return ("t" if letters.startswith("ch") else letters[0]) + letters


def _ascii(character: str) -> str:
    return character.lower() if character.isascii() and character.isalnum() else ""
