"""The default reader: each line of a region cut out, a column turned on its side, recognized in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.engines.ppocr_lookalikes import told_apart
from translator.engines.ppocr_models import RECOGNIZER, Device, engine_name, model_path, open_model
from translator.engines.ppocr_recognizer import Character, LineRecognizer
from translator.engines.ppocr_repair import LineText, repair
from translator.engines.ppocr_vote import vote
from translator.pipeline.alphabets import allowed
from translator.pipeline.doubt import is_doubtful
from translator.pipeline.ruby import place_ruby
from translator.pipeline.scan import levelled
from translator.pipeline.tilt import tilt
from translator.pipeline.types import Box, Detection, Page, Reading, Region, Rgb, Ruby, TextLine

_STRAIGHT = 3.0
"""Degrees up to which a line is cut out as it stands."""
_SURE = 0.9
"""A line with a less sure character is looked at again: about one in eight, on small or blurred pages one in four."""
_CLOSER = (0.06, 0.11)
"""How much closer a line is cut for its other looks, in its height: neighbours and furigana reach into its rim."""
_MARGIN = 0.14
"""The outer part of a column's box, in its width, where no base letter stands."""
_WINDOWS = frozenset("田由甲申皿井回囲冊曰口ロ日目〇○0O")
"""What the windows of a house and other frames are read as."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The least evidence for a text: of letters, ``short`` more for one, and of marks (！, ……) alone."""

    letters: float
    short: float
    marks: float

    def of(self, letters: int) -> float:
        return self.letters + self.short / letters if letters else self.marks


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """``language`` is the source's (ja, zh, zh-Hans, zh-Hant, en).

    A region counts as unread when the evidence for it is under a limit, plus a share of it for each of its letters:
    any blob of art looks like some character, but not like a sentence. Over art, or in a shape that need not be a
    balloon, more is asked than in a balloon.
    """

    language: str = "ja"
    threads: int = 2
    device: Device = Device.CPU
    least: float = 0.5
    least_detected: float = 0.7
    in_balloon: Bar = field(default_factory=lambda: Bar(letters=0.55, short=0.15, marks=0.5))
    over_art: Bar = field(default_factory=lambda: Bar(letters=0.69, short=0.22, marks=0.85))


class PpOcrReader:
    """Implements ``Reader``. A region in which nothing could be read gets an empty text and its low confidence."""

    def __init__(self, settings: ReaderSettings | None = None) -> None:
        settings = settings or ReaderSettings()
        session = open_model(model_path(RECOGNIZER), threads=settings.threads, device=settings.device)
        self._take(settings, LineRecognizer(session), engine_name(session))

    def _take(self, settings: ReaderSettings, recognizer: LineRecognizer, name: str) -> None:
        self._settings, self._recognizer, self.name = settings, recognizer, name
        self._mask = recognizer.mask(allowed(settings.language, recognizer.characters))

    def for_language(self, language: str) -> PpOcrReader:
        """A reader of another source language that shares this one's model; raises ``UnknownAlphabetError``."""
        other = object.__new__(PpOcrReader)
        other._take(replace(self._settings, language=language), self._recognizer, self.name)
        return other

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        """One reading a region, in the order of the regions."""
        owners = [(region, line) for region in detection.regions for line in region.lines + region.ruby]
        rgb = levelled(page.rgb)
        crops = [_crop(rgb, region, line) for region, line in owners]
        read = self._recognize(crops)
        turned = [region.vertical for region, _ in owners]
        lines = repair(crops, read, turned, self._recognizer)
        by_line = {id(line): text for (_, line), text in zip(owners, lines, strict=True)}
        return tuple(self._reading(region, by_line) for region in detection.regions)

    def _recognize(self, crops: Sequence[Rgb]) -> list[tuple[Character, ...]]:
        """The characters of each line. Lines with an unsure one are looked at again, cut more closely: also
        one that could hardly be read, for what reaches into its rim may be why."""
        read = self._recognizer.recognize(crops, self._mask)
        unsure = [n for n, line in enumerate(read) if any(character.confidence < _SURE for character in line)]
        again = [crops[n] for n in unsure]
        looks = [self._recognizer.recognize(again, self._mask, closer=share) for share in _CLOSER]
        for n, *others in zip(unsure, *looks, strict=True):
            read[n] = vote([read[n], *others])
        return [told_apart(line) for line in read] if self._settings.language == "ja" else read

    def _reading(self, region: Region, by_line: dict[int, LineText]) -> Reading:
        lines = [by_line[id(line)] for line in region.lines]
        text = self._separator(region).join(line.text for line in lines)
        confidence = _mean([value for line in lines for value in line.confidences])
        # A mark is often unsure beside letters that are not: the letters decide where they are most of the text.
        letters = [value for line in lines for value in line.letters]
        sure = _mean(letters) if 2 * len(letters) >= len(text) else confidence
        if not text.strip() or not self._is_text(region, text, sure):
            return Reading(region.id, "", confidence)
        weakest = min(letters or [value for line in lines for value in line.confidences], default=0.0)
        return Reading(region.id, text, confidence, self._ruby(region, by_line), weakest)

    def _is_text(self, region: Region, text: str, sure: float) -> bool:
        """Whether it is likelier that somebody wrote this than that strokes of art look like it."""
        letters = sum(character.isalnum() for character in text)
        doubtful = is_doubtful(region.balloon, region.box)
        if doubtful and self._settings.language != "en" and letters and text.isascii():
            return False
        bar = self._settings.over_art if doubtful else self._settings.in_balloon
        if not letters:  # the detector is unsure of marks even where they are clear
            return sure >= bar.of(0)
        if region.confidence < self._settings.least_detected or (doubtful and set(text) <= _WINDOWS):
            return False
        return sure * sqrt(region.confidence) >= bar.of(letters)

    def _separator(self, region: Region) -> str:
        """Rows of an alphabet with spaces end in one."""
        return " " if self._settings.language == "en" and not region.vertical else ""

    def _ruby(self, region: Region, by_line: dict[int, LineText]) -> tuple[Ruby, ...]:
        separator = len(self._separator(region))
        found: list[Ruby] = []
        for small in region.ruby:
            reading = by_line[id(small)]
            if not reading.text or _mean(reading.confidences) < self._settings.least:
                continue
            texts = [by_line[id(line)].text for line in region.lines]
            placed = place_ruby(small, region.lines, texts, vertical=region.vertical, separator=separator)
            if placed is not None:
                found.append(Ruby(*placed, reading.text))
        return tuple(sorted(found, key=lambda ruby: ruby.start))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _crop(rgb: Rgb, region: Region, line: TextLine) -> Rgb:
    """A line's crop; furigana that reaches into the margin of an upright column is painted over."""
    crop = crop_line(rgb, line, vertical=region.vertical)
    if not region.vertical or line in region.ruby or abs(tilt(line.polygon)) > _STRAIGHT:
        return crop
    box, margin = line.box, round(_MARGIN * line.box.width)
    sides = (Box(box.x0, box.y0, box.x0 + margin, box.y1), Box(box.x1 - margin, box.y0, box.x1, box.y1))
    strips = [side.intersection(ruby.box) for ruby in region.ruby for side in sides]
    return _painted(np.rot90(crop, -1), [_shifted(strip, box) for strip in strips if strip.area])


def _shifted(strip: Box, box: Box) -> Box:
    return Box(strip.x0 - box.x0, strip.y0 - box.y0, strip.x1 - box.x0, strip.y1 - box.y0)


def _painted(upright: Rgb, strips: Sequence[Box]) -> Rgb:
    """A column turned on its side, ``strips`` of it in the colour that most of its rim has."""
    out = upright.copy()
    rim = np.concatenate([out[:, 0], out[:, -1]])
    for strip in strips:
        out[strip.y0 : strip.y1, strip.x0 : strip.x1] = np.median(rim, axis=0)
    return np.rot90(out)


def crop_line(rgb: Rgb, line: TextLine, *, vertical: bool) -> Rgb:
    """The line's pixels with the text running left to right: a column is turned 90 degrees counter-clockwise."""
    upright = rgb[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1]
    if abs(tilt(line.polygon)) > _STRAIGHT:
        upright = _straightened(rgb, line)
    if not upright.size:
        upright = np.zeros((1, 1, 3), dtype=np.uint8)
    return np.rot90(upright) if vertical else upright


def _straightened(rgb: Rgb, line: TextLine) -> Rgb:
    corners: NDArray[np.float32] = np.array(line.polygon, dtype=np.float32)
    width = max(1, round(float(np.linalg.norm(corners[1] - corners[0]))))
    height = max(1, round(float(np.linalg.norm(corners[2] - corners[1]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(
        cv2.warpPerspective(rgb, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )
