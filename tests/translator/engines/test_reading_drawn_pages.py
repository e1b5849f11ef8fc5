"""Floors for what the default engines read on the sample chapter and on random pages, whose truth is exact.

The floors lie a little under what was measured: a regression is a red build, another onnxruntime is not. Sound effects
are left out: no default engine claims to find them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sample.page import draw_page
from sample.random_page import random_page
from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.evaluate import Score, Truth, score
from translator.pipeline.types import Box, Page, ReadingDirection, Rgb

CHAPTER = Path(__file__).parents[3] / "sample" / "chapter"
SEEDS = range(1, 7)
UNSCORED = {"sfx", "page_number"}
CHAPTER_FLOORS = {
    "F1 at IoU >= 0.5": 0.82,
    "recall, half covered": 0.93,
    "exact, no punctuation": 0.83,
    "order, adjacent pairs kept": 0.9,
}
RANDOM_FLOORS = {
    "F1 at IoU >= 0.5": 0.74,
    "recall, half covered": 0.86,
    "exact, no punctuation": 0.7,
    "order, adjacent pairs kept": 0.95,
}
CHAPTER_CEILINGS = {"CER": 0.06, "CER, no punctuation": 0.045}
RANDOM_CEILINGS = {"CER": 0.115, "CER, no punctuation": 0.1}


def chapter_pages() -> Iterator[tuple[Rgb, Mapping[str, Any]]]:
    for page in json.loads((CHAPTER / "truth.json").read_text(encoding="utf-8"))["pages"]:
        yield np.asarray(Image.open(CHAPTER / "pages" / f"{page['page']:04d}.png").convert("RGB")), page


def random_pages() -> Iterator[tuple[Rgb, Mapping[str, Any]]]:
    for seed in SEEDS:
        rgb, truth = draw_page(random_page(seed))
        yield rgb, truth.to_json()


def truth_of(page: Mapping[str, Any]) -> Truth:
    """The annotation, each box grown by a third of a letter: an engine's box has air that a box of ink has not."""
    texts = []
    for text in page["texts"]:
        if text["kind"] not in UNSCORED:
            axis = 0 if text["vertical"] else 1
            lines = [[corner[axis] for corner in line] for line in text["lines"]]
            letter = min(max(line) - min(line) for line in lines)
            box = Box(*text["box"]).pad(round(letter / 3), width=page["width"], height=page["height"])
            texts.append((box, text["text"]))
    return Truth(Path(), tuple(texts), tuple(Box(*panel) for panel in page["panels"]))


def total(pages: Iterator[tuple[Rgb, Mapping[str, Any]]], detector: PpOcrDetector, reader: PpOcrReader) -> Score:
    result = Score()
    for rgb, wanted in pages:
        page = Page(1, rgb)
        detection = detector.detect(page)
        lines = GeometricOrderer().order(page, detection, ReadingDirection.AUTO)
        result += score(truth_of(wanted), detection, reader.read(page, detection), lines)
    return result


def missed(
    figures: Mapping[str, float], floors: Mapping[str, float], ceilings: Mapping[str, float]
) -> dict[str, float]:
    low = {name: figures[name] for name, floor in floors.items() if figures[name] < floor}
    return low | {name: figures[name] for name, ceiling in ceilings.items() if figures[name] > ceiling}


def test_the_sample_chapter_is_read(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    figures = total(chapter_pages(), detector, reader).figures()
    assert missed(figures, CHAPTER_FLOORS, CHAPTER_CEILINGS) == {}


def test_random_pages_are_read(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    figures = total(random_pages(), detector, reader).figures()
    assert missed(figures, RANDOM_FLOORS, RANDOM_CEILINGS) == {}
