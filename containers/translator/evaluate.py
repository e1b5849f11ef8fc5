"""``python -m translator.evaluate DIR``: how well the default engines read annotated pages.

``DIR`` holds ``annotation.json``: a list of books, each page with ``image_paths``, ``frame`` (panels) and ``text``
(boxes with their transcription, in reading order).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image
from rapidfuzz.distance import Levenshtein

from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.ppocr_detector import DetectorSettings, PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader, ReaderSettings
from translator.pipeline.protocols import Detector, Orderer, Reader
from translator.pipeline.types import Box, Detection, Kind, Line, Page, Reading, ReadingDirection

_UNANNOTATED = {Kind.SFX, Kind.SIGN, Kind.PAGE_NUMBER}


@dataclass(frozen=True, slots=True)
class Truth:
    """An annotated page: its image, its texts in reading order and its panels."""

    path: Path
    texts: tuple[tuple[Box, str], ...]
    panels: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts that add up over pages; the figures are ratios of them."""

    texts: int = 0
    found: int = 0
    matched: int = 0
    covered: int = 0
    edits: int = 0
    length: int = 0
    bare_edits: int = 0
    bare_length: int = 0
    exact: int = 0
    pairs: int = 0
    pairs_kept: int = 0
    pages: int = 0
    pages_in_order: int = 0
    panels: int = 0
    panels_found: int = 0
    panels_matched: int = 0
    detect_s: float = 0.0
    read_s: float = 0.0
    order_s: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def figures(self) -> dict[str, float]:
        """Name to value; F1, recall and rates from 0 to 1, times in seconds a page."""
        return {
            "F1 at IoU >= 0.5": _ratio(2 * self.matched, self.found + self.texts),
            "precision at IoU >= 0.5": _ratio(self.matched, self.found),
            "recall at IoU >= 0.5": _ratio(self.matched, self.texts),
            "recall, half covered": _ratio(self.covered, self.texts),
            "CER": _ratio(self.edits, self.length),
            "CER, no punctuation": _ratio(self.bare_edits, self.bare_length),
            "exact, no punctuation": _ratio(self.exact, self.texts),
            "order, adjacent pairs kept": _ratio(self.pairs_kept, self.pairs),
            "order, pages without a mistake": _ratio(self.pages_in_order, self.pages),
            "panels, F1 at IoU >= 0.5": _ratio(2 * self.panels_matched, self.panels_found + self.panels),
            "detect, s a page": _ratio(self.detect_s, self.pages),
            "read, s a page": _ratio(self.read_s, self.pages),
            "order, s a page": _ratio(self.order_s, self.pages),
        }


def read_truth(folder: Path) -> Iterator[Truth]:
    """The annotated pages of a folder, book by book."""
    for book in json.loads((folder / "annotation.json").read_text(encoding="utf-8")):
        for page in book["pages"]:
            texts = tuple((_box(text), str(text["text_ja"])) for text in page["text"])
            yield Truth(folder / page["image_paths"]["ja"], texts, tuple(_box(frame) for frame in page["frame"]))


def _box(value: dict[str, int]) -> Box:
    return Box(value["x"], value["y"], value["x"] + value["w"], value["y"] + value["h"])


def score(truth: Truth, detection: Detection, readings: Sequence[Reading], lines: Sequence[Line]) -> Score:
    """How one page was read. A region counts when it was read and is no sound effect, sign or page number."""
    place = {line.region_id: line.position for line in lines}
    text_of = {reading.region_id: reading.text for reading in readings}
    regions = sorted((r for r in detection.regions if text_of[r.id]), key=lambda region: place[region.id])
    owners = [_owner(region.box, truth) for region in regions]
    counted = [r for r, owner in zip(regions, owners, strict=True) if owner is not None or r.kind not in _UNANNOTATED]
    boxes = [box for box, _ in truth.texts]
    texts = ["".join(text_of[r.id] for r, o in zip(regions, owners, strict=True) if o == i) for i in range(len(boxes))]
    pairs = [compare(wanted, text) for (_, wanted), text in zip(truth.texts, texts, strict=True)]
    first = [next((n for n, owner in enumerate(owners) if owner == i), None) for i in range(len(boxes))]
    kept, of, perfect = _order(first)
    return Score(
        texts=len(boxes),
        found=len(counted),
        matched=_matched(boxes, [region.box for region in counted]),
        covered=sum(_covered(box, [region.box for region in regions]) >= 0.5 for box in boxes),
        edits=sum(pair.edits for pair in pairs),
        length=sum(pair.length for pair in pairs),
        bare_edits=sum(pair.bare_edits for pair in pairs),
        bare_length=sum(pair.bare_length for pair in pairs),
        exact=sum(pair.bare_edits == 0 for pair in pairs),
        pairs=of,
        pairs_kept=kept,
        pages=1,
        pages_in_order=int(perfect),
        panels=len(truth.panels),
        panels_found=len(detection.panels),
        panels_matched=_matched(truth.panels, detection.panels),
    )


def _owner(box: Box, truth: Truth) -> int | None:
    """The annotated text that a region belongs to: it shares most with it, and at least a third of its own area."""
    shared = [box.intersection(other).area for other, _ in truth.texts]
    if not shared or max(shared) < box.area / 3:
        return None
    return shared.index(max(shared))


def _matched(wanted: Sequence[Box], found: Sequence[Box]) -> int:
    """One-to-one matches at IoU >= 0.5, best first."""
    pairs = sorted(((a.iou(b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)), reverse=True)
    used_wanted: set[int] = set()
    used_found: set[int] = set()
    for iou, i, j in pairs:
        if iou >= 0.5 and i not in used_wanted and j not in used_found:
            used_wanted.add(i)
            used_found.add(j)
    return len(used_wanted)


def _covered(box: Box, found: Sequence[Box]) -> float:
    return max((box.intersection(other).area / max(1, box.area) for other in found), default=0.0)


def _order(first: Sequence[int | None]) -> tuple[int, int, bool]:
    """Adjacent pairs kept, adjacent pairs, and whether all is in order; texts that were not found do not count."""
    places = [place for place in first if place is not None]
    rank = {place: n for n, place in enumerate(sorted(places))}
    ranks = [rank[place] for place in places]
    kept = sum(b == a + 1 for a, b in pairwise(ranks))
    return kept, max(0, len(ranks) - 1), ranks == sorted(ranks)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Edit distance of a text to its transcription, with punctuation and without (``bare``)."""

    edits: int
    length: int
    bare_edits: int
    bare_length: int


def compare(wanted: str, found: str) -> Comparison:
    """Both in Unicode form NFKC, without spaces, with one wave dash; ``bare`` keeps letters and digits only."""
    a, b = _plain(wanted), _plain(found)
    bare_a, bare_b = _bare(a), _bare(b)
    return Comparison(Levenshtein.distance(a, b), len(a), Levenshtein.distance(bare_a, bare_b), len(bare_a))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("~", "〜")


def _bare(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c)[0] in "LN")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def evaluate_page(truth: Truth, detector: Detector, reader: Reader, orderer: Orderer) -> Score:
    """Runs the three stages on a page and scores them."""
    page = Page(1, np.asarray(Image.open(truth.path).convert("RGB")))
    start = time.perf_counter()
    detection = detector.detect(page)
    detected = time.perf_counter()
    readings = reader.read(page, detection)
    read = time.perf_counter()
    lines = orderer.order(page, detection, ReadingDirection.RTL)
    ordered = time.perf_counter()
    times = Score(detect_s=detected - start, read_s=read - detected, order_s=ordered - read)
    return score(truth, detection, readings, lines) + times


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one figure a line; ``--every N`` looks at each Nth page only."""
    parser = argparse.ArgumentParser(prog="translator.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="ja")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    detector = PpOcrDetector(DetectorSettings(threads=options.threads))
    reader = PpOcrReader(ReaderSettings(language=options.language, threads=options.threads))
    total = Score()
    for truth in list(read_truth(options.folder))[:: options.every]:
        total += evaluate_page(truth, detector, reader, GeometricOrderer())
    figures = total.figures()
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{name:32} {value:.4f}\n" for name, value in figures.items())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
