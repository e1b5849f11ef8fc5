"""The records of a job's paid answers in the storage: read before an attempt begins, written as answers come in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from contract.errors import BadMessage
from contract.grant import PageGrants
from translator.decisions import PageRecord
from translator.grants import GrantBook, GrantsNotRenewed
from translator.meter import Meter
from translator.remote import GrantRefused, ObjectMissing, Remote, RemoteError, Upload

MAX_RECORD_BYTES = 2_000_000
_AT_ONCE = 8
_PATIENCE_S = 20.0
_LOG = logging.getLogger(__name__)


class DecisionsStore:
    """Only used on the event loop's thread. A record that cannot be read or written costs a call later, no page."""

    def __init__(self, remote: Remote, book: GrantBook, meter: Meter) -> None:
        self._remote, self._book, self._meter = remote, book, meter
        self._unsaved: dict[int, PageRecord] = {}
        self._saving: dict[int, asyncio.Task[None]] = {}

    async def load(self, pages: Iterable[PageGrants]) -> dict[int, PageRecord]:
        """The records that there are, of the pages that may have one."""
        slots = asyncio.Semaphore(_AT_ONCE)
        asked = [page for page in pages if page.decided is not None]
        found = await asyncio.gather(*(self._load(page, slots) for page in asked))
        return {page.page: record for page, record in zip(asked, found, strict=True) if record is not None}

    def save(self, page: int, record: PageRecord) -> None:
        """Begins to store a page's record; of several that come meanwhile, the last one."""
        self._unsaved[page] = record
        if page not in self._saving:
            self._saving[page] = asyncio.create_task(self._save(page), name=f"decisions of page {page}")

    async def close(self) -> None:
        """Waits for what is being stored, for a while."""
        if self._saving:
            _, late = await asyncio.wait(self._saving.values(), timeout=_PATIENCE_S)
            for task in late:
                task.cancel()

    async def _load(self, page: PageGrants, slots: asyncio.Semaphore) -> PageRecord | None:
        if page.decided is None:
            return None
        async with slots:
            try:
                body = await self._remote.get(page.decided, limit=MAX_RECORD_BYTES, meter=self._meter)
                return PageRecord.parse(body)
            except ObjectMissing:
                return None
            except (RemoteError, BadMessage) as error:
                _LOG.warning("stored answers were not read", extra={"page": page.page, "why": str(error)})
                return None

    async def _save(self, page: int) -> None:
        try:
            while (record := self._unsaved.pop(page, None)) is not None:
                await self._put(page, Upload(record.to_bytes()))
        except (RemoteError, GrantsNotRenewed) as error:
            _LOG.warning("answers were not stored", extra={"page": page, "why": str(error)})
        finally:
            del self._saving[page]

    async def _put(self, page: int, upload: Upload) -> None:
        if len(upload.body) > MAX_RECORD_BYTES:
            _LOG.warning("answers were not stored", extra={"page": page, "why": "too large"})
            return
        for fresh in (False, True):
            grants = await self._book.get(page, fresh=fresh)
            if grants.decisions is None:
                return
            try:
                await self._remote.put(grants.decisions, upload, meter=self._meter)
                return
            except GrantRefused:
                if fresh:
                    raise
