"""Balloon text taken apart before it is tokenized: punctuation, stutters, drawn-out sounds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from translator.engines.gloss_table import CRIES, PUNCTUATION

# A long vowel mark is a dash where no kana stands before it, and where two of them end the words.
_DASH = r"(?<![ぁ-ゖァ-ヶー])ー+|ー{2,}(?![ぁ-ゖァ-ヶー])"
_MARKS = re.compile(rf"((?:[^\w\s]|\u3000|{_DASH})+)")
_STUTTER = re.compile(r"^([ぁ-ゖァ-ヶ])[っッ](?=\1|[一-鿿])")
_DELIBERATE = re.compile(r"(さっさ|せっせ|とっと|ぺっぺ)")
_DRAWN_OUT = re.compile(
    r"(?<=[ぁ-ゖ])ー+(?=[ぁ-ゖ]|$)|(?<=[か-ゖ])[ぁぃぅぇぉ]+(?=[ぁ-ゖ]|$)|[っッ]+$|(?<=.)([あいうえおぁぃぅぇぉアイウエオァィゥェォ])\1{2,}$"
)
_WAVE_INSIDE = re.compile(r"(?<=[ぁ-ゖ])[〜～]+(?=[いうえおん])")
_SMALL_VOWELS = str.maketrans("ぁぃぅぇぉ", "あいうえお")
_SPACE_INSIDE = re.compile(r"(?<=[ぁ-ヿ一-鿿])[ \t]+(?=[ぁ-ヿ一-鿿])")
_RUN = re.compile(r"(.)\1+")
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿々〆]")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words between two punctuation marks, and the marks after them, in ASCII; ``words`` may be empty at the start."""

    words: str
    marks: str
    stutters: bool = False


def has_japanese(text: str) -> bool:
    """Whether any kana or kanji is in ``text`` (the long vowel mark and punctuation do not count)."""
    return any(c not in "ー・゠" for c in _JAPANESE.findall(unicodedata.normalize("NFKC", text)))


def segments(text: str) -> tuple[Segment, ...]:
    """``text`` cut at its punctuation. A stutter ("な、なんだ", "おっおい") becomes a flag of what it repeats."""
    # NFKC makes a plain space of the ideographic one, which in a balloon stands for a comma.
    spaced = _SPACE_INSIDE.sub("\u3000", "".join(text.splitlines()))
    lines = "\u3000".join(unicodedata.normalize("NFKC", part) for part in spaced.split("\u3000"))
    parts = _MARKS.split(_WAVE_INSIDE.sub("", lines))
    cut = [Segment(words.strip(), marks_of(marks)) for words, marks in zip(parts[::2], [*parts[1::2], ""], strict=True)]
    joined: list[Segment] = []
    for segment in cut:
        if joined and _is_start_of(joined[-1].words, segment.words):
            joined[-1] = Segment(segment.words, segment.marks, stutters=True)
        elif segment.words or segment.marks:
            joined.append(_unstuttered(segment))
    return tuple(joined)


def marks_of(marks: str) -> str:
    """Punctuation in ASCII; what has no counterpart (hearts, notes, stars) stays."""
    plain = "".join(PUNCTUATION.get(mark, mark) for mark in marks if mark != "\u3000")
    return re.sub(r"\.{2,}", "...", re.sub(r"([,~])\1+|-{3,}", lambda run: run.group(1) or "--", plain))


def cry(words: str) -> str | None:
    """The English of a segment that is nothing but a cry or a set phrase, however long it is drawn out."""
    plain = words.translate(_HIRAGANA).translate(_SMALL_VOWELS)
    calm = plain.rstrip("っー〜")
    candidates = (words, plain, calm, calm.replace("ー", ""), _RUN.sub(r"\1\1", calm), _RUN.sub(r"\1", calm))
    return next((CRIES[form] for form in candidates if form in CRIES), None)


def calmed(words: str) -> str:
    """``words`` without drawn-out vowels and the small tsu of a breath cut off, as a dictionary spells them."""
    return _DRAWN_OUT.sub("", words) or words


def _is_start_of(breath: str, words: str) -> bool:
    kana = breath.rstrip("っッ")
    return len(kana) == 1 and has_japanese(kana) and len(words) > 1 and words.startswith(kana)


def _unstuttered(segment: Segment) -> Segment:
    if _DELIBERATE.match(segment.words) or not _STUTTER.match(segment.words):
        return segment
    return Segment(segment.words[2:], segment.marks, stutters=True)
