"""The PP-OCR recognizer: batches of line crops to characters with their place in the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Rgb

HEIGHT = 48
"""The network's line height, pixels."""
_BLANK = 0
_LARGEST_BATCH_COLUMNS = 4 * 480
"""Columns of one batch in all: the output has 18,710 floats for each 8 of them."""
_WIDEST, _SPARE = 1.15, 16
"""The widest line of a batch beside its narrowest, with a few columns to spare: the rest of a batch is padding."""
_AFTER = 16
"""Columns of padding after every line: without any the network loses the marks at a line's end."""


@dataclass(frozen=True, slots=True)
class Character:
    """One recognized character; ``at`` is its centre along the line, 0.0 (start) to 1.0."""

    text: str
    confidence: float
    at: float


class LineRecognizer:
    """Reads line crops whose text runs left to right; ``allowed`` keeps the characters that a language can have."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        listed = session.get_modelmeta().custom_metadata_map["character"].split("\n")
        # The list follows the CTC blank; the models that carry one entry less mean a space by the last class.
        self.characters: tuple[str, ...] = ("", *listed, " ")[: session.get_outputs()[0].shape[2]]

    def mask(self, allowed: frozenset[str]) -> NDArray[np.bool_]:
        """One bool a class of the network: the blank and every character of ``allowed``."""
        keep = [index == _BLANK or character in allowed for index, character in enumerate(self.characters)]
        return np.array(keep)

    def recognize(self, crops: Sequence[Rgb], mask: NDArray[np.bool_]) -> list[tuple[Character, ...]]:
        """The characters of each crop (``(h, w, 3)`` RGB uint8), in the order of ``crops``."""
        found: list[tuple[Character, ...]] = [()] * len(crops)
        for batch in _batches([_width(crop) for crop in crops]):
            blob, columns = _blob([crops[index] for index in batch])
            probabilities = self._session.run(None, {self._input: blob})[0]
            for index, steps, used in zip(batch, probabilities, columns, strict=True):
                found[index] = self._decode(steps, mask, used=used / blob.shape[3])
        return found

    def _decode(self, steps: NDArray[np.float32], mask: NDArray[np.bool_], *, used: float) -> tuple[Character, ...]:
        """Greedy CTC: repeats merged, blanks dropped. ``used`` is the share of the columns that is not padding."""
        best = steps.argmax(axis=1)
        for step in np.flatnonzero(~mask[best]):
            best[step] = int(np.where(mask, steps[step], -1).argmax())
        runs = np.flatnonzero(np.diff(best, prepend=-1))
        ends = np.append(runs[1:], len(best))
        out = []
        for start, end in zip(runs, ends, strict=True):
            label = int(best[start])
            if label != _BLANK:
                confidence = float(steps[start:end, label].max())
                at = min(1.0, (start + end) / 2 / len(best) / used)
                out.append(Character(self.characters[label], confidence, at))
        return tuple(out)


def _width(crop: Rgb) -> int:
    height, width = crop.shape[:2]
    return max(16, int(-(-width * HEIGHT // max(1, height))))


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of similar widths together, so that little of a batch is padding."""
    batch: list[int] = []
    for index in sorted(range(len(widths)), key=lambda i: widths[i]):
        width = widths[index]
        full = (len(batch) + 1) * width > _LARGEST_BATCH_COLUMNS
        if batch and (full or width > _WIDEST * widths[batch[0]] + _SPARE):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _blob(crops: Sequence[Rgb]) -> tuple[NDArray[np.float32], list[int]]:
    """``(n, 3, 48, w)`` float32 BGR in -1..1, padded on the right with 0, and each crop's own columns."""
    widths = [_width(crop) for crop in crops]
    out = np.zeros((len(crops), 3, HEIGHT, max(widths) + _AFTER), dtype=np.float32)
    for row, (crop, width) in enumerate(zip(crops, widths, strict=True)):
        resized = cv2.resize(crop, (width, HEIGHT)).astype(np.float32)
        out[row, :, :, :width] = resized[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1
    return out, widths
