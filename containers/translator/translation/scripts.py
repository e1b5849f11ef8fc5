"""Which scripts a text is written in, from the code points alone; and Simplified from Traditional Chinese.

Letters only: digits, marks and punctuation belong to every language.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

LATIN, CYRILLIC, GREEK, HAN, KANA, HANGUL = "Latin", "Cyrillic", "Greek", "Han", "Kana", "Hangul"
ARABIC, HEBREW, THAI, DEVANAGARI, OTHER = "Arabic", "Hebrew", "Thai", "Devanagari", "Other"
SCRIPTS = (LATIN, CYRILLIC, GREEK, HAN, KANA, HANGUL, ARABIC, HEBREW, THAI, DEVANAGARI, OTHER)

_RANGES = (
    (0x0041, 0x02FF, LATIN),
    (0x0370, 0x03FF, GREEK),
    (0x0400, 0x052F, CYRILLIC),
    (0x0590, 0x05FF, HEBREW),
    (0x0600, 0x077F, ARABIC),
    (0x08A0, 0x08FF, ARABIC),
    (0x0900, 0x097F, DEVANAGARI),
    (0x0E00, 0x0E7F, THAI),
    (0x1100, 0x11FF, HANGUL),
    (0x1E00, 0x1EFF, LATIN),
    (0x3041, 0x30FA, KANA),
    (0x30FD, 0x30FF, KANA),
    (0x3130, 0x318F, HANGUL),
    (0x3400, 0x9FFF, HAN),
    (0xAC00, 0xD7AF, HANGUL),
    (0xF900, 0xFAFF, HAN),
    (0xFB50, 0xFDFF, ARABIC),
    (0xFE70, 0xFEFC, ARABIC),
    (0xFF21, 0xFF5A, LATIN),
    (0xFF66, 0xFF9D, KANA),
    (0x20000, 0x3134F, HAN),
)


@cache
def script_of(char: str) -> str:
    """The script of a letter; empty for what is no letter."""
    if not char.isalpha() or char in "ー々〆":
        return ""
    code = ord(char)
    return next((name for low, high, name in _RANGES if low <= code <= high), OTHER)


def letters(text: str) -> Counter[str]:
    """How many letters of each script ``text`` has."""
    return Counter(script for char in text if (script := script_of(char)))


def simplified_only(text: str) -> int:
    """How many of the Han characters exist in GB 2312 and not in Big5: the simplified ones."""
    return sum(_encodes(char, "gb2312") and not _encodes(char, "big5") for char in text if script_of(char) == HAN)


def traditional_only(text: str) -> int:
    """How many of the Han characters exist in Big5 and not in GB 2312: the traditional ones."""
    return sum(_encodes(char, "big5") and not _encodes(char, "gb2312") for char in text if script_of(char) == HAN)


@cache
def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
