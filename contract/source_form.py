"""When two source texts are the same text: the form under which a series memory keeps them."""

from __future__ import annotations

import re
import unicodedata

_DASHES = "‐‑‒–—―−─━﹣-"
_UNIFIED = str.maketrans({"~": "〜", "∼": "〜", "⋯": "…", "‥": "…", **dict.fromkeys(_DASHES, "ー")})
_DOTS = re.compile(r"(?:[.・·。]{2,}|…)+")
_REPEATED = re.compile(r"([…ー〜!?])\1+")
_INTERROBANG = re.compile(r"[!?]*(?:!\?|\?!)[!?]*")


def exact_form(text: str) -> str:
    """``text`` without whitespace and line breaks, with the variants of one character or punctuation mark unified."""
    compatible = unicodedata.normalize("NFKC", text).translate(_UNIFIED)
    # NFKC sets a spacing dakuten apart ("か゛" -> "か", space, combining mark): joined again once the space is gone.
    joined = unicodedata.normalize("NFC", "".join(compatible.split()))
    collapsed = _REPEATED.sub(r"\1", _DOTS.sub("…", joined))
    return _INTERROBANG.sub("!?", collapsed).casefold()
