"""The translations of annotated pages by people, text by text.

``annotation.json`` has them as ``text_<language>``; beside the sample generator's ``truth.json``, ``memory.json`` has a
translation for each text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields
from translator.evaluation.truth import ANNOTATION, TruePage, TruthError

MEMORY = "memory.json"
Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TranslatedTruth:
    """A page with the translations of its texts, in their order; ``""`` where there is none."""

    page: TruePage
    translations: Texts


def translated_pages(
    folder: Path, pages: Sequence[TruePage], *, source: str, target: str
) -> tuple[TranslatedTruth, ...]:
    """Raises :class:`TruthError` where the folder has no translations into that language."""
    annotated = (folder / ANNOTATION).is_file()
    languages = source.split("-")[0], target.split("-")[0]
    found = _annotated(folder, pages, languages) if annotated else _remembered(folder, pages, target)
    done = tuple(found)
    if not any(text for one in done for text in one.translations):
        raise TruthError(f"{folder}: no translation into {target}")
    return done


def _annotated(folder: Path, pages: Sequence[TruePage], languages: tuple[str, str]) -> Iterator[TranslatedTruth]:
    path = folder / ANNOTATION
    try:
        texts = dict(_of_books(_load(path), languages))
    except BadMessage as error:
        raise TruthError(f"{path}: {error}") from None
    for page in pages:
        yield TranslatedTruth(page, texts[page.book, page.name])


def _of_books(document: Any, languages: tuple[str, str]) -> Iterator[tuple[tuple[str, str], Texts]]:
    for book in map(Fields, document):
        title = book.text("book_title")
        for name, texts in book.list("pages", lambda item, path: _of_page(Fields(item, path), languages)):
            yield (title, name), texts


def _of_page(page: Fields, languages: tuple[str, str]) -> tuple[str, Texts]:
    source, target = languages
    texts = page.list("text", lambda item, path: Fields(item, path).text(f"text_{target}", default=""))
    return Path(page.object("image_paths").text(source)).stem, texts


def _remembered(folder: Path, pages: Sequence[TruePage], target: str) -> Iterator[TranslatedTruth]:
    path = folder / MEMORY
    try:
        memory = _entries(Fields(_load(path)), target)
    except BadMessage as error:
        raise TruthError(f"{path}: {error}") from None
    for page in pages:
        # Sound effects stay as drawn, as they do in a job.
        texts = tuple(memory.get(text.text, "") if text.scored else "" for text in page.texts)
        yield TranslatedTruth(page, texts)


def _entries(memory: Fields, target: str) -> Mapping[str, str]:
    if memory.text("target") != target:
        return {}
    entries = memory.list("entries", lambda item, path: Fields(item, path))
    return {entry.text("source"): entry.text("target") for entry in entries}


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise TruthError(f"{path}: not JSON: {str(error)[:100]}") from None
