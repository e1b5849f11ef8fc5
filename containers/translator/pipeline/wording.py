"""A translation as a letterer writes it: the target's punctuation, capitals where the font wants them."""

from __future__ import annotations

import re
import unicodedata

_ASCII_FORMS = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_LATIN = str.maketrans(
    {
        **{chr(full): chr(half) for full, half in _ASCII_FORMS.items()},
        "…": "...",
        "‥": "..",
        "⋯": "...",
        "。": ".",
        "、": ",",
        "「": "“",
        "」": "”",
        "『": "“",
        "』": "”",
        "・": "·",
        "～": "~",
        "〜": "~",
        "ー": "—",
        "―": "—",
        "─": "—",
        "‼": "!!",
        "⁉": "!?",
        "⁇": "??",
        "⁈": "?!",
        "　": " ",
    }
)
_OPENING = re.compile(r"(^|[\s(\[{“—-])\"")
_OPENING_SINGLE = re.compile(r"(^|[\s(\[{“—-])'(?=\S)(?!(?:em|til|tis|twas|cause|bout)\b)", re.IGNORECASE)
_SPACED = re.compile(r"\s+([,.!?;:]+)(?=\s|$)")
_FRENCH = ("fr",)
_WIDE = "\u2026\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\ufdd0-\ufdd2\uff00-\uffef"  # ruby's marks among them
_ELLIPSIS = re.compile(r"(?:\.{2,}|…+|・{3,}|。{3,}|⋯+)")
_HALF_WIDTH = re.compile(rf"(?:(?<=[{_WIDE}])|(?<=[{_WIDE}]\s))[,!?:;()](?![0-9A-Za-z])")
_ARABIC_FORMS = {"?": "؟", ",": "،", ";": "؛"}
_ARABIC_MARK = re.compile(r"(?<![0-9A-Za-z])[?,;]")
_WIDE_GAP = re.compile(rf"(?<=[{_WIDE}]) (?=[{_WIDE}])")


def latin_wording(text: str, *, caps: bool, target: str) -> str:
    """One paragraph in the punctuation of a Latin, Cyrillic or Greek script; capitals where ``caps``."""
    flat = " ".join(text.translate(_LATIN).split())
    if target.split("-")[0].lower() not in _FRENCH:
        flat = _SPACED.sub(r"\1", flat)
    flat = re.sub(r"\.{2,}", "...", flat)
    flat = re.sub(r"\s*(?:-{2,}|—+)\s*", "—", flat)
    flat = _OPENING.sub(r"\1“", flat).replace('"', "”")
    flat = _OPENING_SINGLE.sub(r"\1‘", flat).replace("'", "’")
    return capitals(flat, target) if caps else flat


def capitals(text: str, target: str) -> str:
    """Upper case by the language's rules (dotted i in Turkish and Azerbaijani, no accents on Greek capitals)."""
    language = target.split("-")[0].lower()
    if language in ("tr", "az"):
        text = text.replace("i", "İ")
    if language == "el":
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace("\u0301", ""))
    return text.upper()


def wide_wording(text: str, *, full_width: bool) -> str:
    """One paragraph of Chinese, Japanese or Korean: line ends go, and ``full_width`` (all but Korean) spaces between
    ideographs too, while punctuation takes its wide form."""
    flat = " ".join(text.split())
    if not full_width:
        return flat
    flat = _ELLIPSIS.sub("……", flat)
    flat = _HALF_WIDTH.sub(lambda match: chr(ord(match[0]) + 0xFEE0), flat)
    return _WIDE_GAP.sub("", flat)


def right_to_left_wording(text: str, *, arabic: bool) -> str:
    """One paragraph of Arabic or Hebrew, in logical order; ``arabic`` has its own question mark, comma and semicolon.

    Marks beside a Latin word or a number keep their form: ``1,000`` is no list.
    """
    flat = " ".join(text.translate(_LATIN).split())
    flat = _SPACED.sub(r"\1", flat)
    flat = re.sub(r"\.{2,}", "…", flat)
    return _ARABIC_MARK.sub(lambda mark: _ARABIC_FORMS[mark[0]], flat) if arabic else flat
