"""The series' side of an attempt: what it gets of its series and of attempts before, and what it leaves for them.

None of it can fail a page: what cannot be had is told as a warning, what cannot be stored is logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from contract.attempt import AttemptOrder
from contract.errors import BadMessage
from contract.glossary import MAX_BYTES as MAX_GLOSSARY_BYTES
from contract.grant import Grant
from translator.decisions import JobDecisions, PageRecord
from translator.decisions_store import DecisionsStore
from translator.grants import GrantBook
from translator.lanes import Lane
from translator.meter import Meter
from translator.pipeline.memory import MemoryFormatError, TranslationMemory
from translator.pipeline.pipeline import Stages
from translator.remote import ObjectExists, ObjectMissing, Remote, RemoteError, Upload
from translator.series_lessons import Lessons
from translator.series_scope import SeriesScope, glossary_of
from translator.series_translator import SeriesTranslator
from translator.translation.glossary import Glossary

MAX_MEMORY_BYTES = 20_000_000
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class SeriesWork:
    """Of one attempt, in its order: :meth:`fetch`, :attr:`scope`, :meth:`wrap`, and at its end :meth:`close` and
    :meth:`leave`."""

    def __init__(self, order: AttemptOrder, remote: Remote, book: GrantBook, meter: Meter) -> None:
        self._order, self._remote, self._book, self._meter = order, remote, book, meter
        self._store = DecisionsStore(remote, book, meter)
        self._memory: TranslationMemory | None = None
        self._glossary = Glossary()
        self._decisions = JobDecisions()
        self._lessons = Lessons()
        self.warnings: tuple[str, ...] = ()

    async def fetch(self, lane: Lane) -> None:
        """Everything at once; parsing it goes to ``lane``."""
        order = self._order
        memory, glossary, records = await asyncio.gather(
            self._fetched(order.memory, MAX_MEMORY_BYTES, "memory", self._parse_memory, lane),
            self._fetched(order.glossary, MAX_GLOSSARY_BYTES, "glossary", self._parse_glossary, lane),
            self._store.load(order.pages),
        )
        self._memory, self._glossary = memory, glossary or Glossary()
        self._decisions = JobDecisions(records, self._saver())

    @property
    def scope(self) -> SeriesScope:
        return SeriesScope(self._glossary, self._decisions, self._order.used)

    def wrap(self, stages: Stages, said: Iterable[tuple[int, str, str]] = ()) -> Stages:
        """The stages with what the series knows in front of the translator, and the lines that the pages done have
        ``said``: page, text, translation."""
        translator = SeriesTranslator(
            stages.translator,
            memory=self._memory,
            glossary=self._glossary,
            decisions=self._decisions,
            lessons=self._lessons,
            said=said,
        )
        return replace(stages, translator=translator)

    async def close(self) -> None:
        """Waits for the answers that are being stored."""
        await self._store.close()

    async def leave(self) -> int | None:
        """Stores what was learned: how much it is, or None where it is not stored, or there is no series."""
        if self._order.learn is None or self._book.learn is None:
            return None
        update = self._lessons.update
        if not update.pairs and not update.terms and not update.used:
            return 0
        try:
            await self._remote.put(self._book.learn, Upload(update.to_bytes()), meter=self._meter)
        except ObjectExists:
            _LOG.info("what was learned is stored already")
        except RemoteError as error:
            _LOG.warning("what was learned was not stored", extra={"why": str(error)})
            return None
        return update.size

    def _saver(self) -> Callable[[int, PageRecord], None]:
        loop = asyncio.get_running_loop()
        return lambda page, record: _call(loop, partial(self._store.save, page, record))

    async def _fetched(
        self, grant: Grant | None, limit: int, what: str, parse: Callable[[bytes], T], lane: Lane
    ) -> T | None:
        """What is granted; where it cannot be used, None and a warning."""
        if grant is None:
            return None
        try:
            return await lane.run(parse, await self._remote.get(grant, limit=limit, meter=self._meter))
        except ObjectMissing:
            return None
        except (RemoteError, MemoryFormatError, BadMessage) as error:
            self.warnings += (f"translate: the series' {what} was not used: {error}",)
            return None

    def _parse_memory(self, body: bytes) -> TranslationMemory:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise MemoryFormatError("", "it is not JSON") from None
        return TranslationMemory.for_languages(document, source=self._order.source, target=self._order.target)

    def _parse_glossary(self, body: bytes) -> Glossary:
        return glossary_of(body, self._order.target)


def _call(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(work)
