"""Annotated pages: what truly stands on them, read from a folder in one of two forms.

``annotation.json`` is a list of books with ``image_paths``, ``frame`` (panels) and ``text`` (boxes with a
transcription, in reading order), as the OpenMantra data set has them; sound effects are not annotated there.
``truth.json`` is what the sample generator writes beside ``pages/``: every text, with its kind and its lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields
from translator.pipeline.types import Box, Kind

ANNOTATION, TRUTH = "annotation.json", "truth.json"
_UNSCORED = frozenset({Kind.SFX, Kind.PAGE_NUMBER})
_LEAST_BOX = 1


class TruthError(Exception):
    """The folder holds no annotated pages, or its annotation cannot be read."""


@dataclass(frozen=True, slots=True)
class TrueText:
    """A text of a page. ``scored`` is false for what no figure counts, neither found nor missed: sound effects."""

    box: Box
    text: str
    kind: Kind = Kind.DIALOGUE
    scored: bool = True


@dataclass(frozen=True, slots=True)
class TruePage:
    """An annotated page: its texts in reading order and its panels. ``path`` is ``None`` for a page in memory."""

    book: str
    name: str
    texts: tuple[TrueText, ...]
    panels: tuple[Box, ...] = ()
    path: Path | None = None

    @property
    def scored(self) -> tuple[TrueText, ...]:
        return tuple(text for text in self.texts if text.scored)


def read_truth(folder: Path, *, source: str = "ja") -> tuple[TruePage, ...]:
    """The annotated pages of a folder, book by book; ``source`` is the language read. Raises :class:`TruthError`."""
    pages = tuple(_pages(folder, source.split("-")[0]))
    for page in pages:
        if page.path is None or not page.path.is_file():
            raise TruthError(f"{page.path}: the image of an annotated page is not there")
    if not pages:
        raise TruthError(f"{folder}: the annotation names no page")
    return pages


def select(pages: tuple[TruePage, ...], *, book: str | None = None, every: int = 1) -> tuple[TruePage, ...]:
    """The pages of one book, and of those each ``every``-th, the first included. Raises :class:`TruthError`."""
    if book is None:
        return pages[::every]
    chosen = tuple(page for page in pages if page.book == book)
    if not chosen:
        raise TruthError(f"no book {book!r}; there are {', '.join(sorted({page.book for page in pages}))}")
    return chosen[::every]


def drawn_page(book: str, name: str, page: Mapping[str, Any]) -> TruePage:
    """A page of the sample generator, from its truth as JSON. Raises :class:`BadMessage`.

    Each box of ink is grown by a third of a letter: an annotator draws a box with air around it, and so does an engine.
    """
    fields = Fields(page)
    size = fields.integer("width", low=1), fields.integer("height", low=1)
    texts = fields.list("texts", lambda item, path: _drawn_text(Fields(item, path), size))
    return TruePage(book, name, texts, fields.list("panels", _corners))


def _pages(folder: Path, language: str) -> Iterator[TruePage]:
    if (folder / ANNOTATION).is_file():
        for book in _document(folder / ANNOTATION, list):
            yield from _reading(folder / ANNOTATION, lambda book=book: _book(folder, Fields(book), language))
    elif (folder / TRUTH).is_file():
        document = _document(folder / TRUTH, dict)
        yield from _reading(folder / TRUTH, lambda: _chapter(folder, Fields(document)))
    else:
        raise TruthError(f"{folder}: neither {ANNOTATION} nor {TRUTH} is in it")


def _document(path: Path, form: type) -> Any:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise TruthError(f"{path}: not JSON: {str(error)[:100]}") from None
    if not isinstance(value, form):
        raise TruthError(f"{path}: not a {'list of books' if form is list else 'JSON object'}")
    return value


def _reading(path: Path, read: Any) -> tuple[TruePage, ...]:
    try:
        pages: tuple[TruePage, ...] = read()
    except BadMessage as error:
        raise TruthError(f"{path}: {error}") from None
    return pages


def _book(folder: Path, book: Fields, language: str) -> tuple[TruePage, ...]:
    title = book.text("book_title")
    return book.list("pages", lambda item, path: _page(folder, title, Fields(item, path), language))


def _page(folder: Path, title: str, page: Fields, language: str) -> TruePage:
    path = folder / page.object("image_paths").text(language, empty=False)
    texts = page.list("text", lambda item, at: _text(Fields(item, at), language))
    return TruePage(title, path.stem, texts, page.list("frame", lambda item, at: _sized(Fields(item, at))), path)


def _text(text: Fields, language: str) -> TrueText:
    return TrueText(_sized(text), text.text(f"text_{language}"))


def _sized(value: Fields) -> Box:
    x, y = value.integer("x", low=-(2**31)), value.integer("y", low=-(2**31))
    width, height = value.integer("w", low=_LEAST_BOX), value.integer("h", low=_LEAST_BOX)
    return Box(x, y, x + width, y + height)


def _chapter(folder: Path, document: Fields) -> tuple[TruePage, ...]:
    def page(item: Any, path: str) -> TruePage:
        number = Fields(item, path).integer("page", low=1)
        name = f"{number:04d}"
        return replace(drawn_page(folder.name, name, item), path=folder / "pages" / f"{name}.png")

    return document.list("pages", page)


def _drawn_text(text: Fields, size: tuple[int, int]) -> TrueText:
    kind = text.choice("kind", Kind)
    axis = 0 if text.boolean("vertical") else 1
    lines = text.list("lines", lambda line, path: _width(line, axis, path))
    letter = min(lines, default=0)
    box = _corners(text.list("box", _number), text.at("box")).pad(round(letter / 3), width=size[0], height=size[1])
    return TrueText(box, text.text("text"), kind, kind not in _UNSCORED)


def _width(line: Any, axis: int, path: str) -> int:
    """How far a line's corners are apart, across its letters."""
    if not isinstance(line, list | tuple) or not line:
        raise BadMessage(path, "no polygon")
    points = [_numbers(point, 2, path)[axis] for point in line]
    return max(points) - min(points)


def _numbers(value: Any, count: int, path: str) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise BadMessage(path, f"not {count} integers")
    return tuple(_number(item, path) for item in value)


def _number(item: Any, path: str) -> int:
    if isinstance(item, bool) or not isinstance(item, int):
        raise BadMessage(path, "not an integer")
    return item


def _corners(value: Any, path: str) -> Box:
    x0, y0, x1, y1 = _numbers(value, 4, path)
    if x1 < x0 or y1 < y0:
        raise BadMessage(path, "ends before it starts")
    return Box(x0, y0, x1, y1)
