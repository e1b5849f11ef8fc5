"""Texts in many shapes, scripts and roles look as they did when somebody last looked at them.

Font, size and lines have to be the same. Of the pixels, 3 in 100 may differ by more than 64 of 255 levels: a release of
FreeType rounds the edges of letters otherwise (an edge pixel is one in ten of a text), while a line that moved by a
pixel changes more than that. The images have 64 greys. ``python -m tests.translator.golden --regenerate`` writes them.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.translator.golden.cases import CASES, FOLDER, Case, drawn
from tests.translator.golden.record import RECORD, record

FAR, SHARE = 64, 0.03
LARGEST_BYTES = 1_500_000
NAMES = [case.name for case in CASES]


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_text_is_set_as_before(case: Case, records: dict[str, dict[str, object]]) -> None:
    done = drawn(case)
    assert record(done.placement) == records[case.name]
    assert done.warnings == ()
    golden = np.asarray(Image.open(case.path).convert("L"), np.int16)
    assert done.grey.shape == golden.shape
    assert differing(done.grey.astype(np.int16), golden) <= SHARE


def differing(image: np.ndarray, golden: np.ndarray) -> float:
    """The share of the text's pixels (its box's) that are far from what they were."""
    return float(np.mean(np.abs(image - golden) > FAR))


def test_a_text_that_moved_by_a_pixel_is_seen() -> None:
    golden = np.asarray(Image.open(FOLDER / "en-round.png").convert("L"), np.int16)
    assert differing(np.roll(golden, 1, axis=0), golden) > SHARE
    assert differing(np.roll(golden, 1, axis=1), golden) > SHARE


def test_the_folder_holds_the_cases_and_nothing_else_and_stays_small() -> None:
    images = sorted(FOLDER.glob("*.png"))
    assert sorted(path.stem for path in images) == sorted(NAMES)
    assert sum(path.stat().st_size for path in images) < LARGEST_BYTES
    assert len(set(NAMES)) == len(NAMES) >= 30


def test_setting_a_case_twice_gives_the_same_pixels() -> None:
    assert np.array_equal(drawn(CASES[0]).grey, drawn(CASES[0]).grey)
