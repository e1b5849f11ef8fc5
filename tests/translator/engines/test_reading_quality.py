"""Floors for what the default engines read on real pages; skipped where those pages are not at hand.

The floors lie a little under what was measured on the same pages: a regression shows, another onnxruntime does not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.translator.engines.eyes import Eyes, missed
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.evaluation.runner import evaluate_page, open_page
from translator.evaluation.truth import read_truth

PAGES = Path(__file__).parents[4] / "shared" / "manga-dev"
CHOSEN = (4, 10, 14, 33, 41, 60)
FLOORS = {"f1": 0.92, "covered": 0.97, "exact": 0.91, "order_pairs": 0.97, "order_pages": 0.83}
CEILINGS = {"cer": 0.055, "cer_bare": 0.012}

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the annotated pages are not in ../shared/manga-dev")


def test_some_real_pages_are_read_well(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    truths, eyes = read_truth(PAGES), Eyes(detector, reader)
    results = []
    for index in CHOSEN:
        path = truths[index].path
        assert path is not None
        results.append(evaluate_page(truths[index], open_page(path), eyes))
    assert missed(results, floors=FLOORS, ceilings=CEILINGS) == {}
