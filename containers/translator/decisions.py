"""What models answered for a job's pages, one record a page, so that no attempt pays for it again.

An answer is found by the hash of everything that decided it. A later attempt knows other things than the one before
(the series' memory has grown, the pages before are done and not in its hands), and would ask another question: so the
record holds how the page was asked, and it is asked in the same way again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object, text_item
from translator.pipeline.types import Origin, Translation
from translator.translation.decided import Answers

SCHEMA = 1
Pairs = tuple[tuple[str, str], ...]
_NO_RECORDS: Mapping[int, PageRecord] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PageRecord:
    """How a page was asked for, and what was answered: ``asked`` are the source texts that the model was asked for,
    ``settled`` the translations that were known without it, by source text; ``context`` is of the pages before.
    ``copied`` are translations, by source text, that were asked for another page at the same time."""

    asked: tuple[str, ...]
    context: tuple[Pairs, ...] = ()
    settled: Mapping[str, Translation] = field(default_factory=dict)
    answers: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    copied: Mapping[str, Translation] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: bytes) -> PageRecord:
        """Raises ``BadMessage``."""
        fields = Fields(load_object(body))
        if fields.integer("schema") != SCHEMA:
            raise BadMessage("schema", f"not {SCHEMA}")
        return cls(
            asked=fields.list("asked", text_item),
            context=fields.list("context", _page),
            settled=dict(fields.list("settled", _settled)),
            answers={key: _answers(value, f"answers.{key}") for key, value in fields.raw_object("answers").items()},
            copied=dict(fields.list("copied", _settled, default=[])),
        )

    def to_bytes(self) -> bytes:
        document = {
            "schema": SCHEMA,
            "asked": list(self.asked),
            "context": [[list(pair) for pair in page] for page in self.context],
            "settled": _listed(self.settled),
            "answers": {
                key: {str(place): text for place, text in found.items()} for key, found in self.answers.items()
            },
            "copied": _listed(self.copied),
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class JobDecisions:
    """A job's :class:`~translator.translation.decided.Decisions`. ``records`` are those of attempts before; ``save``
    is called with a page and its record whenever there is more to keep, from any thread, and returns at once."""

    def __init__(
        self,
        records: Mapping[int, PageRecord] = _NO_RECORDS,
        save: Callable[[int, PageRecord], None] | None = None,
    ) -> None:
        self._records, self._save = dict(records), save or _nothing
        self._answers: dict[str, dict[int, str]] = {}
        for record in records.values():
            for key, answers in record.answers.items():
                self._answers.setdefault(key, {}).update(answers)
        self._lock, self._asking = threading.Lock(), threading.local()

    def of(self, page: int) -> PageRecord | None:
        """How the page was asked for before."""
        with self._lock:
            return self._records.get(page)

    @contextmanager
    def asking(self, hows: Mapping[int, PageRecord]) -> Iterator[None]:
        """What is put in the meantime, by this thread, is of pages that are asked for in these ways."""
        self._asking.hows = hows
        try:
            yield
        finally:
            del self._asking.hows

    def remember(self, page: int, how: PageRecord, *, copied: Mapping[str, Translation]) -> None:
        """How a page is asked for, and what of it was translated for other pages."""
        with self._lock:
            held = self._records.get(page)
            record = replace(held or how, copied={**(held or how).copied, **copied})
            if record == held:
                return
            self._records[page] = record
        self._save(page, record)

    def get(self, key: str) -> Answers:
        with self._lock:
            return dict(self._answers.get(key, {}))

    def put(self, key: str, answers: Answers, *, page: int = 0) -> None:
        hows: Mapping[int, PageRecord] = getattr(self._asking, "hows", _NO_RECORDS)
        with self._lock:
            known = self._answers.setdefault(key, {})
            known.update(answers)
            if page not in hows:
                return
            before = self._records.get(page, hows[page])
            record = replace(before, answers={**before.answers, key: dict(known)})
            self._records[page] = record
        self._save(page, record)


def _listed(translations: Mapping[str, Translation]) -> list[list[str]]:
    return [[source, one.text, one.origin.value, one.note] for source, one in translations.items()]


def _nothing(*_: object) -> None:
    """Nobody keeps it."""


def _page(value: Any, path: str) -> Pairs:
    if not isinstance(value, list):
        raise BadMessage(path, "not a list")
    return tuple(_pair(one, f"{path}[{index}]") for index, one in enumerate(value))


def _pair(value: Any, path: str) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadMessage(path, "not [source, translation]")
    return text_item(value[0], path), text_item(value[1], path)


def _settled(value: Any, path: str) -> tuple[str, Translation]:
    if not isinstance(value, list) or len(value) != 4:
        raise BadMessage(path, "not [source, translation, origin, note]")
    source, text, origin, note = (text_item(item, path) for item in value)
    return source, Translation("", text, Fields({"origin": origin}, path).choice("origin", Origin), note)


def _answers(value: Any, path: str) -> dict[int, str]:
    if not isinstance(value, dict) or not all(place.isascii() and place.isdigit() for place in value):
        raise BadMessage(path, "not texts by their places")
    return {int(place): text_item(text, path) for place, text in value.items()}
