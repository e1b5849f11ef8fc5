"""Counts that add up over pages, and the figures that are ratios of them.

What each figure means:

- *block F1, precision, recall*: one-to-one matches of found and annotated boxes at IoU >= 0.5. A found text of a kind
  that stays as drawn (sound effect, sign, page number) is no false alarm where nothing is annotated.
- *blocks covered*: annotated boxes of which a single found box covers at least half.
- *CER*: edit distance over all annotated texts, end to end, by the length of their transcriptions; a missed text costs
  all its characters, a text in several parts is their sum in reading order. Texts whose transcription is empty are a
  fault of the annotation and left out.
- *exactly right*: nothing of the text differs (punctuation ignored). A text of punctuation alone has to be found: two
  empty strings are not a text that was read.
- *order*: adjacent pairs of annotated texts that follow each other in what was found, among those found; and pages
  without a mistake, among those where there could be one (two texts found, or more).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from translator.evaluation.compare import Comparison, compare
from translator.evaluation.figure import Better, Figure, Unit
from translator.evaluation.found import FoundPage
from translator.evaluation.matching import Match, covered, matched
from translator.evaluation.truth import TruePage


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over any number of pages."""

    pages: int = 0
    texts: int = 0
    found: int = 0
    matched: int = 0
    covered: int = 0
    readable: int = 0
    edits: int = 0
    length: int = 0
    bare_edits: int = 0
    bare_length: int = 0
    exact: int = 0
    exact_marks: int = 0
    pairs: int = 0
    pairs_kept: int = 0
    ordered_pages: int = 0
    pages_in_order: int = 0
    panels: int = 0
    panels_found: int = 0
    panels_matched: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def figures(self) -> tuple[Figure, ...]:
        """Ratios from 0 to 1; 0 of 0 is 0."""
        higher, lower = Better.HIGHER, Better.LOWER
        shares = (
            ("f1", "text blocks, F1 at IoU ≥ 0.5", 2 * self.matched, self.found + self.texts, 0.96),
            ("precision", "text blocks, precision", self.matched, self.found, None),
            ("recall", "text blocks, recall", self.matched, self.texts, None),
            ("covered", "blocks covered (≥ 50 % of the area)", self.covered, self.texts, 0.985),
        )
        order = (
            ("order_pairs", "reading order: adjacent pairs kept", self.pairs_kept, self.pairs, 0.98),
            ("order_pages", "reading order: pages without a mistake", self.pages_in_order, self.ordered_pages, 0.94),
            ("panels_f1", "panels, F1 at IoU ≥ 0.5", 2 * self.panels_matched, self.panels_found + self.panels, None),
        )
        rates = (
            ("cer_bare", "CER, punctuation ignored", self.bare_edits, self.bare_length, lower, 0.009),
            ("cer", "CER, punctuation kept", self.edits, self.length, lower, 0.016),
            ("exact", "texts exactly right, punctuation ignored", self.exact, self.readable, higher, 0.96),
            ("exact_marks", "texts exactly right, punctuation kept", self.exact_marks, self.readable, higher, None),
        )
        return (
            *(Figure(key, name, _ratio(a, b), Unit.SHARE, higher, target) for key, name, a, b, target in shares),
            *(Figure(key, name, _ratio(a, b), Unit.PERCENT, better, goal) for key, name, a, b, better, goal in rates),
            *(Figure(key, name, _ratio(a, b), Unit.SHARE, higher, target) for key, name, a, b, target in order),
        )


@dataclass(frozen=True, slots=True)
class ReadText:
    """An annotated text and all that was read of it; ``is_readable`` is false where the annotation has no text."""

    wanted: str
    text: str
    is_found: bool
    compared: Comparison

    @property
    def is_readable(self) -> bool:
        return self.compared.length > 0

    @property
    def is_exact(self) -> bool:
        return self.is_readable and self.is_found and self.compared.bare_edits == 0

    @property
    def is_exact_with_marks(self) -> bool:
        return self.is_exact and self.compared.edits == 0


def read_texts(truth: TruePage, found: FoundPage, matching: Match, *, source: str = "ja") -> tuple[ReadText, ...]:
    """One for each scored text of the page, in reading order."""
    out = []
    for wanted, parts in zip(truth.scored, matching.parts, strict=True):
        text = "".join(found.texts[n].text for n in parts)
        out.append(ReadText(wanted.text, text, bool(parts), compare(wanted.text, text, source=source)))
    return tuple(out)


def score(truth: TruePage, found: FoundPage, matching: Match, texts: Sequence[ReadText]) -> Score:
    """How one page was read."""
    wanted = [text.box for text in truth.scored]
    readable = [text for text in texts if text.is_readable]
    places = [parts[0] if parts else None for parts in matching.parts]
    kept, pairs, perfect = order(places)
    return Score(
        pages=1,
        texts=len(wanted),
        found=len(matching.counted),
        matched=matched(wanted, [found.texts[n].box for n in matching.counted]),
        covered=sum(covered(box, [text.box for text in found.texts]) >= 0.5 for box in wanted),
        readable=len(readable),
        edits=sum(text.compared.edits for text in readable),
        length=sum(text.compared.length for text in readable),
        bare_edits=sum(text.compared.bare_edits for text in readable),
        bare_length=sum(text.compared.bare_length for text in readable),
        exact=sum(text.is_exact for text in readable),
        exact_marks=sum(text.is_exact_with_marks for text in readable),
        pairs=pairs,
        pairs_kept=kept,
        ordered_pages=int(pairs > 0),
        pages_in_order=int(pairs > 0 and perfect),
        panels=len(truth.panels),
        panels_found=len(found.panels),
        panels_matched=matched(truth.panels, found.panels),
    )


def order(places: Sequence[int | None]) -> tuple[int, int, bool]:
    """Adjacent pairs kept, adjacent pairs, and whether all is in order.

    ``places``: for each true text, in reading order, its place among what was found; ``None`` where it was not.
    """
    known = [place for place in places if place is not None]
    rank = {place: n for n, place in enumerate(sorted(known))}
    ranks = [rank[place] for place in known]
    kept = sum(b == a + 1 for a, b in pairwise(ranks))
    return kept, max(0, len(ranks) - 1), ranks == sorted(ranks)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
