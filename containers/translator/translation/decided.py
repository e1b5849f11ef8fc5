"""Translations that are paid for, under the hash of everything that decided them: the same question is never paid
twice.

What is kept is the model's own answer, before any replacement; it is looked up before any call, and stored after
every call.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from contract.translation import Context
from translator.pipeline.protocols import SettledText
from translator.pipeline.types import Rgb
from translator.translation.asked import Asked
from translator.translation.glossary import Term
from translator.translation.prompt import VERSION, Pairs

SCHEMA = 1
_LOG = logging.getLogger(__name__)

Answers = Mapping[int, str]
"""Translations by their texts' places on the page; a page that is translated in part has some of them."""


class Decisions(Protocol):
    """Where translations are kept. Keys are 64 hex digits. Safe to share by threads."""

    def get(self, key: str) -> Answers:
        """What is stored under ``key``; empty for nothing."""
        ...

    def put(self, key: str, answers: Answers, *, page: int = 0) -> None:
        """Adds answers to what is stored; those of a place that has one already replace it."""
        ...


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides the translations of one page."""

    model: str
    prompt: str
    source: str
    target: str
    asked: Sequence[Asked]
    context: Sequence[Pairs]
    mode: Context
    terms: Sequence[Term]
    settled: Sequence[SettledText]
    """The texts of the page that the model is shown with their translations."""
    picture: str
    """The page's :func:`picture_digest` where the model is shown it, else empty."""

    @property
    def key(self) -> str:
        """SHA-256 of all of it. Region ids and page numbers are not part of it: a page that moves keeps its
        translations."""
        document = {
            "schema": [SCHEMA, VERSION],
            "model": self.model,
            "prompt": self.prompt,
            "languages": [self.source, self.target],
            "texts": [_shown(one) for one in self.asked],
            "context": [self.mode.value, [[list(pair) for pair in page] for page in self.context]],
            "settled": [[one.before, one.text, one.translation] for one in self.settled],
            "terms": [term.to_json() for term in self.terms],
            "image": self.picture,
        }
        return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


class MemoryDecisions:
    """In this process only; of more than ``most`` pages those that were used least lately are forgotten."""

    def __init__(self, most: int = 2_000) -> None:
        self._answers: OrderedDict[str, dict[int, str]] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def get(self, key: str) -> Answers:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return dict(self._answers.get(key, {}))

    def put(self, key: str, answers: Answers, *, page: int = 0) -> None:  # noqa: ARG002 - kept by key alone
        with self._lock:
            self._answers.setdefault(key, {}).update(answers)
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


class FileDecisions:
    """A file for each key in a folder, written whole or not at all. A file that cannot be read counts as none."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()

    def get(self, key: str) -> Answers:
        path = self._path(key)
        try:
            return _parsed(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _LOG.warning("stored translations cannot be read", extra={"key": key, "detail": type(error).__name__})
            return {}

    def put(self, key: str, answers: Answers, *, page: int = 0) -> None:  # noqa: ARG002 - kept by key alone
        path = self._path(key)
        with self._lock:
            stored = {**self.get(key), **answers}
            try:
                _write(
                    path, {"schema": SCHEMA, "answers": {str(place): text for place, text in sorted(stored.items())}}
                )
            except OSError as error:
                # The page has its translations all the same; only the next run pays again.
                _LOG.warning("translations cannot be stored", extra={"key": key, "detail": type(error).__name__})

    def _path(self, key: str) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("a key is 64 hex digits")
        return self._folder / key[:2] / f"{key}.json"


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False)
    Path(name).replace(path)


def _parsed(document: Any) -> dict[int, str]:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError("another schema")
    answers = document.get("answers")
    if not isinstance(answers, dict) or not all(isinstance(text, str) for text in answers.values()):
        raise ValueError("answers are not texts")
    return {int(place): text for place, text in answers.items()}


def _shown(one: Asked) -> list[Any]:
    """A text as the model is shown it. A joined one is named by its place: its number differs between calls."""
    joined = [one.joined] if one.joined is not None else []
    return [one.text, one.kind, one.speaker, _corners(one), *joined]


def _corners(one: Asked) -> list[int]:
    return one.box.to_json() if one.box is not None else []


def picture_digest(rgb: Rgb) -> str:
    """The SHA-256 of a page's pixels, with its size."""
    return f"{rgb.shape[1]}x{rgb.shape[0]}:{hashlib.sha256(rgb.tobytes()).hexdigest()}"
