"""Floors for what the default engines read on real pages; skipped where those pages are not at hand.

The floors lie a few points under what was measured on the same pages: a regression shows, another onnxruntime does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.evaluate import Score, evaluate_page, read_truth

PAGES = Path(__file__).parents[4] / "shared" / "manga-dev"

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the annotated pages are not in ../shared/manga-dev")


def test_three_real_pages_are_read_well(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    pages = list(read_truth(PAGES))
    total = Score()
    for index in (4, 10, 60):
        total += evaluate_page(pages[index], detector, reader, GeometricOrderer())
    figures = total.figures()
    assert figures["F1 at IoU >= 0.5"] >= 0.9
    assert figures["recall, half covered"] >= 0.95
    assert figures["CER"] <= 0.04
    assert figures["CER, no punctuation"] <= 0.02
    assert figures["order, adjacent pairs kept"] >= 0.95
