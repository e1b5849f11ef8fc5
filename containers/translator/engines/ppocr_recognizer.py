"""The PP-OCR recognizer: batches of line crops to characters with their place in the line."""

from __future__ import annotations

import unicodedata
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
_LIKELY = 0.02
"""What is less likely than this is no second opinion."""
_LEAST_HEIGHT = 8
_AFTER = 16
"""Columns of padding after every line: without any the network loses the marks at a line's end."""


@dataclass(frozen=True, slots=True)
class Character:
    """One recognized character; ``at`` is its centre along the line, 0.0 (start) to 1.0.

    ``confidence`` is that of the character in any width (3 and ３ are one). ``other`` is the next best character there,
    ``other_confidence`` its own; both are empty where nothing else was at all likely.
    """

    text: str
    confidence: float
    at: float
    other: str = ""
    other_confidence: float = 0.0


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

    def recognize(
        self, crops: Sequence[Rgb], mask: NDArray[np.bool_], *, closer: float = 0.0
    ) -> list[tuple[Character, ...]]:
        """The characters of each crop (``(h, w, 3)`` RGB uint8), in the order of ``crops``.

        ``closer``: so much of a crop's height is left out at its top and at its bottom, for another look at it.
        """
        found: list[tuple[Character, ...]] = [()] * len(crops)
        widths = [_width(crop) for crop in crops]
        for batch in _batches(widths):
            columns = [widths[index] for index in batch]
            blob = _blob([_closer(crops[index], closer) for index in batch], columns)
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
                at = min(1.0, (start + end) / 2 / len(best) / used)
                peak = start + int(steps[start:end, label].argmax())
                out.append(self._character(steps[peak], label, mask, at))
        return tuple(out)

    def _character(self, step: NDArray[np.float32], label: int, mask: NDArray[np.bool_], at: float) -> Character:
        text, confidence = self.characters[label], float(step[label])
        others = [
            (float(step[other]), self.characters[other])
            for other in np.flatnonzero((step >= _LIKELY) & mask).tolist()
            if other not in (label, _BLANK)
        ]
        twins = [value for value, other in others if plain(other) == plain(text)]
        rivals = [(value, other) for value, other in others if plain(other) != plain(text)]
        value, other = max(rivals, default=(0.0, ""))
        return Character(text, min(1.0, confidence + sum(twins)), at, other, value)


def plain(text: str) -> str:
    """A character in the form in which its widths are one: ``３`` is ``3``."""
    return unicodedata.normalize("NFKC", text)


def _closer(crop: Rgb, share: float) -> Rgb:
    """A crop without ``share`` of its height at the top and at the bottom."""
    margin = round(share * len(crop))
    return crop[margin : len(crop) - margin] if len(crop) >= _LEAST_HEIGHT else crop


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


def _blob(crops: Sequence[Rgb], widths: Sequence[int]) -> NDArray[np.float32]:
    """``(n, 3, 48, w)`` float32 BGR in -1..1: each crop in ``widths`` columns, padded on the right with 0."""
    out = np.zeros((len(crops), 3, HEIGHT, max(widths) + _AFTER), dtype=np.float32)
    for row, (crop, width) in enumerate(zip(crops, widths, strict=True)):
        resized = cv2.resize(crop, (width, HEIGHT)).astype(np.float32)
        out[row, :, :, :width] = resized[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1
    return out
