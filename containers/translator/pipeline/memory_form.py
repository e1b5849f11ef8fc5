"""Three forms of a source text, each forgiving more than the one before, under which a series memory is searched.

Recognition errors on manga are mostly punctuation ("!!" read as "!"), then small for large kana, then single wrong
characters; a later spelling of the same sentence differs in the same places. Pure text in, pure text out.
"""

from __future__ import annotations

import unicodedata

from contract.source_form import exact_form

_SMALL_KANA = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}

__all__ = ["bare_form", "exact_form", "loose_form"]


def bare_form(text: str) -> str:
    """The exact form without punctuation; a question keeps one "?" at its end, because it changes what is said."""
    exact = exact_form(text)
    letters = "".join(c for c in exact if unicodedata.category(c)[0] in "LN")
    return f"{letters}?" if letters and "?" in exact else letters


def loose_form(text: str) -> str:
    """The bare form with look-alikes folded: small and large kana, katakana and hiragana, long vowels left out."""
    return bare_form(text).replace("ー", "").translate(_KATAKANA).translate(_SMALL_KANA)
