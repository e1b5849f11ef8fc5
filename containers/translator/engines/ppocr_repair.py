"""A second look at what the recognizer misses in a column: marks that share a cell, long dashes, the size of kana."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from translator.engines.ppocr_recognizer import Character, LineRecognizer
from translator.pipeline.dots import ellipsis
from translator.pipeline.glyphs import Cell, LineInk, around, dashes, kana_of_right_size, side_by_side, unread, upright
from translator.pipeline.types import Rgb

_EXCLAMATIONS = frozenset("!?！？‼⁇⁈⁉")
_SURE, _CERTAIN = 0.6, 0.95
_LEAST_DASHES = 3
_STROKES = frozenset("一二三ニミー")
"""What dots are read as, besides marks."""
_LETTER, _LETTERS = 0.8, 2
"""So many letters, each read this surely, are no dots."""
_WAVES = str.maketrans("～~", "〜〜")
"""The recognizer has three wave dashes for one drawn mark; U+301C is the one that Japanese text has."""


@dataclass(frozen=True, slots=True)
class LineText:
    """What a line says, and the confidence of each of its characters, and of its letters and digits alone."""

    text: str
    confidences: tuple[float, ...]
    letters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """A cell to read again, upright. ``index`` is its first character; -1 stands before the line, its length after it.

    ``count``: marks side by side in one cell are read as one character or as several.
    """

    line: int
    index: int
    crop: Rgb
    count: int = 1


def repair(
    crops: Sequence[Rgb],
    read: Sequence[tuple[Character, ...]],
    turned: Sequence[bool],
    recognizer: LineRecognizer,
) -> list[LineText]:
    """The texts of all lines of a page; only columns (``turned``) are looked at again, all in one batch."""
    read = [_dots(crop, line) or line for crop, line in zip(crops, read, strict=True)]
    texts = [[character.text for character in line] for line in read]
    questions: list[_Question] = []
    for number, (crop, line) in enumerate(zip(crops, read, strict=True)):
        if turned[number] and line:
            questions += _look_again(number, crop, line, texts[number])
    marks = recognizer.mask(_EXCLAMATIONS)
    answers = recognizer.recognize([question.crop for question in questions], marks) if questions else []
    for question, answer in zip(questions, answers, strict=True):
        _answer(question, answer, texts[question.line])
    return [_line_text(parts, line) for parts, line in zip(texts, read, strict=True)]


def _dots(crop: Rgb, line: Sequence[Character]) -> tuple[Character, ...]:
    """A line of dots as what it is: the recognizer knows three at most, and reads 二 or : as well."""
    letters = [one for one in line if one.text.isalnum() and one.text not in _STROKES and one.confidence >= _LETTER]
    text = ellipsis(crop) if len(letters) < _LETTERS else ""
    return tuple(Character(dots, _CERTAIN, (index + 0.5) / len(text)) for index, dots in enumerate(text))


def _look_again(number: int, crop: Rgb, line: Sequence[Character], texts: list[str]) -> list[_Question]:
    """Settles in ``texts`` what the ink alone can tell, and gives the cells to read again."""
    ink = LineInk.of(crop, [character.at for character in line])
    texts[:] = kana_of_right_size(texts, [character.confidence for character in line], ink)
    cells = _mark_cells(texts, ink)
    before, after = unread(ink)
    if after is not None and cells and cells[-1][0][-1] == len(texts) - 1 and after.start <= cells[-1][1].end + 1:
        # A slanted mark reaches out of its cell: what follows it without a gap is the rest of it.
        cells[-1], after = (cells[-1][0], cells[-1][1].union(after)), None
    questions = [_Question(number, indices[0], upright(crop, cell), len(indices)) for indices, cell in cells]
    for index, cell in ((-1, before), (len(line), after)):
        if cell is not None and not _dash(texts, index, ink, cell):
            questions.append(_Question(number, index, upright(crop, cell)))
    _waves(texts)
    return questions


def _mark_cells(texts: Sequence[str], ink: LineInk) -> list[tuple[list[int], Cell]]:
    """The cells that hold exclamation and question marks, each with the characters that were read in it."""
    cells: list[tuple[list[int], Cell]] = []
    for index, text in enumerate(texts):
        cell = around(ink, index) if text in _EXCLAMATIONS else None
        if cell is None:
            continue
        if cells and cells[-1][0][-1] == index - 1 and cells[-1][1].shares(cell):
            cells[-1] = ([*cells[-1][0], index], cells[-1][1].union(cell))
        else:
            cells.append(([index], cell))
    return cells


def _dash(texts: list[str], index: int, ink: LineInk, cell: Cell) -> bool:
    count = dashes(ink, cell)
    if count:
        _add(texts, index, "ー" * count)
    return count > 0


def _add(texts: list[str], index: int, text: str) -> None:
    if index < 0:
        texts[0] = text + texts[0]
    else:
        texts[-1] += text


def _waves(texts: list[str]) -> None:
    """A drawn-out wave is read as a row of し; no word has three of them."""
    run = 0
    for index, text in enumerate([*texts, ""]):
        if text == "し":
            run += 1
            continue
        if run >= _LEAST_DASHES:
            texts[index - run : index] = ["〜"] * run
        run = 0


def _answer(question: _Question, answer: Sequence[Character], texts: list[str]) -> None:
    """A mark is replaced by more marks only, and an unread cell filled only where the second look is sure."""
    text = "".join(character.text for character in answer)
    if not text or min(character.confidence for character in answer) < _SURE:
        return
    inside = 0 <= question.index < len(texts)
    if not inside and question.index > 0:
        _add(texts, question.index, text)
    elif inside and question.count == len(text) == 1 and _kinds(text + texts[question.index]) == {"!", "?"}:
        # One look saw the one mark, the other look the other: that is so where both are there.
        if side_by_side(question.crop):
            texts[question.index] = "！？"
    elif inside and len(text) > question.count:
        texts[question.index : question.index + question.count] = [text] + [""] * (question.count - 1)


def _kinds(marks: str) -> set[str]:
    """Which of the two marks a text has, whatever its width."""
    return {mark for mark in "!?" if mark in unicodedata.normalize("NFKC", marks)}


def _line_text(parts: Sequence[str], line: Sequence[Character]) -> LineText:
    letters = tuple(character.confidence for character in line if character.text.isalnum())
    return LineText("".join(parts).translate(_WAVES), tuple(character.confidence for character in line), letters)
