"""Languages as BCP 47 tags: what tells a reader which characters to expect, and a typesetter which script to set."""

from __future__ import annotations

from collections.abc import Mapping

SETTABLE: Mapping[str, str] = {
    "Latn": "Latin",
    "Viet": "Vietnamese",
    "Cyrl": "Cyrillic",
    "Grek": "Greek",
    "Jpan": "Japanese",
    "Hans": "Simplified Chinese",
    "Hant": "Traditional Chinese",
    "Kore": "Korean",
    "Thai": "Thai",
    "Arab": "Arabic",
    "Hebr": "Hebrew",
}
"""The scripts that the fonts of the project can set, by ISO 15924 code (``Viet``: Latin with Vietnamese letters)."""
_CHINESE = {
    "cn": "zh-Hans",
    "sg": "zh-Hans",
    "hans": "zh-Hans",
    "tw": "zh-Hant",
    "hk": "zh-Hant",
    "mo": "zh-Hant",
    "hant": "zh-Hant",
}
_SCRIPTS: Mapping[str, str] = {
    "vi": "Viet",
    "ja": "Jpan",
    "zh": "Hans",
    "ko": "Kore",
    "el": "Grek",
    "th": "Thai",
    "ka": "Geor",
    "hy": "Armn",
    "km": "Khmr",
    "lo": "Laoo",
    "my": "Mymr",
    "si": "Sinh",
    "ta": "Taml",
    "te": "Telu",
    "kn": "Knda",
    "ml": "Mlym",
    "gu": "Gujr",
    "pa": "Guru",
    "or": "Orya",
    "dv": "Thaa",
    **dict.fromkeys(("am", "ti"), "Ethi"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "sd", "ug", "ckb"), "Arab"),
    **dict.fromkeys(("as", "bn"), "Beng"),
    **dict.fromkeys(("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk"), "Cyrl"),
    **dict.fromkeys(("bo", "dz"), "Tibt"),
    **dict.fromkeys(("he", "yi"), "Hebr"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "Deva"),
}


def reading_language(tag: str) -> str:
    """The language that a reader has to know: the tag without its region, and for Chinese the script that is told
    (``zh-TW`` is ``zh-Hant``; ``zh`` may be either)."""
    primary, *rest = tag.lower().split("-")
    if primary == "zh":
        return next((_CHINESE[part] for part in rest if part in _CHINESE), "zh")
    return primary


def script_of(tag: str) -> str:
    """The script that a language is written in (ISO 15924), ``Latn`` where nothing says otherwise."""
    primary, *rest = tag.replace("_", "-").lower().split("-")
    if rest and len(rest[0]) == 4 and rest[0].isalpha():
        return rest[0].title()
    if primary == "zh":
        return "Hant" if reading_language(tag.replace("_", "-")) == "zh-Hant" else "Hans"
    return _SCRIPTS.get(primary, "Latn")
