"""The models are opened once: that costs more than any test."""

from __future__ import annotations

import pytest

from translator.engines.ppocr_detector import DetectorSettings, PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader, ReaderSettings


@pytest.fixture(scope="session")
def detector() -> PpOcrDetector:
    return PpOcrDetector(DetectorSettings(threads=2))


@pytest.fixture(scope="session")
def reader() -> PpOcrReader:
    return PpOcrReader(ReaderSettings(language="ja", threads=2))
