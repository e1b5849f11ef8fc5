"""What went wrong, by kind: each annotated text has one verdict, each false alarm and misplaced text is an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from translator.evaluation.compare import bare, confusions, plain, same_but_for_size
from translator.evaluation.matching import Match
from translator.evaluation.score import ReadText


class Verdict(StrEnum):
    """A text whose letters are right is right, but for its punctuation; any other gets the first that holds for it."""

    MISSED = "missed"
    MERGED = "merged"
    SPLIT = "split"
    MISREAD = "misread"
    KANA_SIZE = "kana_size"
    PUNCTUATION = "punctuation"
    RIGHT = "right"
    UNANNOTATED = "unannotated"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]

    @property
    def is_error(self) -> bool:
        return self not in (Verdict.RIGHT, Verdict.UNANNOTATED)


_MEANINGS = {
    Verdict.MISSED: "nothing was found of it",
    Verdict.MERGED: "found in one block with another text",
    Verdict.SPLIT: "found in several blocks, and not exactly right together",
    Verdict.MISREAD: "found, with wrong letters",
    Verdict.KANA_SIZE: "found, wrong in nothing but small or large kana",
    Verdict.PUNCTUATION: "letters right, punctuation not",
    Verdict.RIGHT: "exactly right",
    Verdict.UNANNOTATED: "the annotation has no text for it",
}


class Mistake(StrEnum):
    """Errors that are not of one annotated text's letters."""

    FALSE = "false"
    SPLIT_BLOCK = "split_block"
    ORDER = "order"

    @property
    def meaning(self) -> str:
        return {
            Mistake.FALSE: "found as text to translate where nothing is annotated",
            Mistake.SPLIT_BLOCK: "in several blocks, letters right together",
            Mistake.ORDER: "does not follow the text before it",
        }[self]


@dataclass(frozen=True, slots=True)
class PageErrors:
    """``verdicts``: one a scored text. ``false``: indices of found texts. ``misplaced``: indices of scored texts."""

    verdicts: tuple[Verdict, ...]
    false: tuple[int, ...]
    split_blocks: tuple[int, ...]
    misplaced: tuple[int, ...]
    confused: Counter[tuple[str, str]]

    @property
    def counts(self) -> Counter[str]:
        """Errors by the value of their kind."""
        out = Counter(verdict.value for verdict in self.verdicts if verdict.is_error)
        out[Mistake.FALSE.value] = len(self.false)
        out[Mistake.SPLIT_BLOCK.value] = len(self.split_blocks)
        out[Mistake.ORDER.value] = len(self.misplaced)
        return +out


def find_errors(matching: Match, texts: Sequence[ReadText], *, source: str = "ja") -> PageErrors:
    """Everything that is wrong on a page."""
    verdicts = tuple(_verdict(text, matching.parts[n], matching, n, source=source) for n, text in enumerate(texts))
    split = tuple(n for n, parts in enumerate(matching.parts) if len(parts) > 1 and verdicts[n] is not Verdict.SPLIT)
    confused: Counter[tuple[str, str]] = Counter()
    for verdict, text in zip(verdicts, texts, strict=True):
        if verdict in (Verdict.MISREAD, Verdict.KANA_SIZE, Verdict.PUNCTUATION, Verdict.SPLIT):
            confused.update(confusions(plain(text.wanted, source=source), plain(text.text, source=source)))
    return PageErrors(verdicts, matching.false, split, misplaced(matching.parts), confused)


def error_counts(pages: Iterable[PageErrors]) -> Counter[str]:
    """Errors of many pages by kind."""
    total: Counter[str] = Counter()
    for page in pages:
        total.update(page.counts)
    return total


def misplaced(parts: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The true texts that do not directly follow, among what was found, the true text before them."""
    found = [(n, places[0]) for n, places in enumerate(parts) if places]
    rank = {place: at for at, place in enumerate(sorted(place for _, place in found))}
    return tuple(after[0] for before, after in pairwise(found) if rank[after[1]] != rank[before[1]] + 1)


def _verdict(text: ReadText, parts: Sequence[int], matching: Match, index: int, *, source: str) -> Verdict:
    if not text.is_readable:
        return Verdict.UNANNOTATED
    if not parts:
        return Verdict.MERGED if matching.swallowed[index] is not None else Verdict.MISSED
    if text.is_exact_with_marks:
        return Verdict.RIGHT
    if text.is_exact:
        return Verdict.PUNCTUATION
    if _swallows(index, parts, matching):
        return Verdict.MERGED
    if len(parts) > 1:
        return Verdict.SPLIT
    letters = bare(plain(text.wanted, source=source)), bare(plain(text.text, source=source))
    return Verdict.KANA_SIZE if same_but_for_size(*letters) else Verdict.MISREAD


def _swallows(index: int, parts: Sequence[int], matching: Match) -> bool:
    """Whether a found text of this one covers another true text as well, of which nothing else was found."""
    return any(
        swallower in parts and not matching.parts[other]
        for other, swallower in enumerate(matching.swallowed)
        if other != index and swallower is not None
    )
