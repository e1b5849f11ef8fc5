"""A text against its transcription: edit distance with punctuation and without, and where they differ."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import Levenshtein

_SPACED = frozenset({"en", "ko"})
_DASHES = str.maketrans("‒–—―─━", "ーーーーーー")
"""In a column a dash and a long-vowel mark look the same, and annotators type the one for the other."""
_SMALL = str.maketrans("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ", "あいうえおつやゆよわアイウエオツヤユヨワカケ")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Edit distance of a text to its transcription, with punctuation and without (``bare``)."""

    edits: int
    length: int
    bare_edits: int
    bare_length: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A run of characters: ``wanted`` in the transcription, ``found`` in the text; one of them may be empty."""

    is_same: bool
    wanted: str
    found: str


def compare(wanted: str, found: str, *, source: str = "ja") -> Comparison:
    """Both in Unicode form NFKC, with one wave dash and one dash; ``bare`` keeps letters and digits only.

    Spaces count in the languages that part words with them, any run as one.
    """
    a, b = plain(wanted, source=source), plain(found, source=source)
    bare_a, bare_b = bare(a), bare(b)
    return Comparison(Levenshtein.distance(a, b), len(a), Levenshtein.distance(bare_a, bare_b), len(bare_a))


def plain(text: str, *, source: str = "ja") -> str:
    """The form in which texts are compared: ``！`` is ``!``, ``…`` is ``...``, ``～`` is ``〜``, ``―`` is ``ー``."""
    words = unicodedata.normalize("NFKC", text).split()
    return (" " if source.split("-")[0] in _SPACED else "").join(words).replace("~", "〜").translate(_DASHES)


def bare(text: str) -> str:
    """Letters and digits only. The long-vowel mark ``ー`` and the iteration mark ``々`` are letters to Unicode."""
    return "".join(c for c in text if unicodedata.category(c)[0] in "LN")


def same_but_for_size(wanted: str, found: str) -> bool:
    """Whether two bare texts differ only in small and large kana."""
    return wanted != found and wanted.translate(_SMALL) == found.translate(_SMALL)


def differences(wanted: str, found: str) -> tuple[Difference, ...]:
    """The runs, in order, that turn ``wanted`` into ``found``: equal and different ones by turns."""
    runs: list[Difference] = []
    for same, ops in groupby(Levenshtein.opcodes(wanted, found), key=lambda op: op.tag == "equal"):
        steps = list(ops)
        lost = wanted[steps[0].src_start : steps[-1].src_end]
        got = found[steps[0].dest_start : steps[-1].dest_end]
        runs.append(Difference(is_same=same, wanted=lost, found=got))
    return tuple(runs)


def confusions(wanted: str, found: str) -> tuple[tuple[str, str], ...]:
    """Single characters: (wanted, found) for one read as another, ('', found) for one too many, (wanted, '') lost."""
    out: list[tuple[str, str]] = []
    for op in Levenshtein.editops(wanted, found):
        lost = wanted[op.src_pos] if op.tag != "insert" else ""
        got = found[op.dest_pos] if op.tag != "delete" else ""
        out.append((lost, got))
    return tuple(out)
