"""Fetching a job's URL pages into the bucket, in batches that fit into an invocation, by one invocation at a time.

What has come is read off the bucket, so a batch that dies loses only the pages that it was at. The sweep takes up
where the last batch ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from contract.status import PageErrorCode
from edge.boundary import describe
from edge.context import Context
from edge.meter import Meter, MeteredPlatform
from edge.mirror_record import Failure, Mirror
from edge.objects import Stored, create_json, list_all, read_json, swap_json
from edge.page_copy import MOST_SUBREQUESTS, PageFault, Rules, copy_page
from edge.platform import PlatformError
from edge.record import Job

STREAMS = 3
"""Pages at a time: each is a connection to its server and one to the bucket, and Workers have six."""
LEASE_S = 120.0
"""After it a batch is taken for dead: twice what the longest one lasts."""
_PAGE_S = 20.0
_LEAST_PAGE_S = 8.0
_CLOSING = 10
"""Subrequests for what comes before the first page and after the last."""
_LEAST_SUBREQUESTS = STREAMS * MOST_SUBREQUESTS + _CLOSING
"""With fewer left no page is begun: those in work may still need them."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a batch may use."""

    seconds: float
    subrequests: int

    @property
    def is_enough(self) -> bool:
        """Whether a page could be fetched at all."""
        return self.seconds >= _LEAST_PAGE_S and self.subrequests >= _LEAST_SUBREQUESTS + _CLOSING


AFTER_A_REQUEST = Allowance(seconds=27, subrequests=800)
"""``waitUntil`` gives 30 seconds."""
IN_A_SWEEP = Allowance(seconds=55, subrequests=800)
"""The next sweep comes after 60."""


async def mirror(ctx: Context, job: Job, allowance: Allowance) -> bool:
    """Fetches what is still to come, as far as ``allowance`` goes; whether nothing is left to do."""
    if not allowance.is_enough:
        return False
    meter = Meter(allowance.subrequests)
    ctx = Context.of(ctx.config, MeteredPlatform(ctx.platform, meter))
    held = await _hold(ctx, job)
    if held is None:
        return False
    found = {info.key: info.size for info in await list_all(ctx.platform.bucket, job.source_chapter.inputs)}
    batch = _Batch(ctx, job, held.value, meter, found, ends_at=ctx.platform.now() + allowance.seconds)
    await batch.run()
    mirrored = Mirror(batch.is_done, False, held.value.with_failures(batch.failures.values()))
    await swap_json(ctx.platform.bucket, job.keys.mirror, mirrored.to_json(), etag=held.info.etag)
    fields = {"job_id": job.id, "fetched": batch.fetched, "failed": len(batch.failures), "done": mirrored.done}
    ctx.platform.log("mirror", {**fields, "subrequests": meter.count})
    return mirrored.done


async def _hold(ctx: Context, job: Job) -> Stored[Mirror] | None:
    """The right to fetch for a while, or ``None`` where somebody else has it or nothing is left."""
    bucket = ctx.platform.bucket
    stored = await read_json(bucket, job.keys.mirror, Mirror.from_json)
    if stored is None:
        info = await create_json(bucket, job.keys.mirror, Mirror(held=True).to_json())
        return Stored(Mirror(held=True), info) if info else None
    is_fresh = ctx.platform.now() - stored.info.uploaded.timestamp() <= LEASE_S
    if stored.value.done or (stored.value.held and is_fresh):
        return None
    mine = replace(stored.value, held=True)
    info = await swap_json(bucket, job.keys.mirror, mine.to_json(), etag=stored.info.etag)
    return Stored(mine, info) if info else None


class _Batch:
    """``found``: the sizes of the inputs that are there, by key."""

    def __init__(
        self, ctx: Context, job: Job, known: Mirror, meter: Meter, found: dict[str, int], *, ends_at: float
    ) -> None:
        self._ctx, self._job, self._known, self._meter = ctx, job, known, meter
        self._found, self._ends_at = found, ends_at
        self._is_broken = False
        self.fetched = 0
        self.failures: dict[int, Failure] = {}

    @property
    def is_done(self) -> bool:
        return not any(self._is_open(page) for page in self._job.url_pages)

    async def run(self) -> None:
        pages = iter([page for page in self._job.url_pages if self._is_open(page)])
        await asyncio.gather(*(self._stream(pages) for _ in range(STREAMS)))

    def _is_open(self, page: int) -> bool:
        failure = self.failures.get(page)
        given_up = failure.given_up if failure else not self._known.is_open(page)
        return not given_up and self._job.input_key(page) not in self._found

    async def _stream(self, pages: Iterator[int]) -> None:
        while self._may_go_on and (page := next(pages, None)) is not None:
            try:
                await self._fetch(page)
            except PageFault as fault:
                self.failures[page] = self._known.failed(page, fault.error, passes=fault.passes)
            except PlatformError as error:
                # The storage's trouble is not the page's: it costs the page no try, and the batch its end.
                self._is_broken = True
                self._ctx.platform.log("mirror_broke", {"job_id": self._job.id, "page": page, **describe(error)})

    @property
    def _may_go_on(self) -> bool:
        time_left = self._ends_at - self._ctx.platform.now()
        return not self._is_broken and time_left >= _LEAST_PAGE_S and self._meter.left >= _LEAST_SUBREQUESTS

    async def _fetch(self, page: int) -> None:
        config, key = self._ctx.config, self._job.input_key(page)
        if sum(self._found.values()) >= config.max_job_bytes:
            detail = f"the pages before it have {config.max_job_bytes} bytes already"
            raise PageFault(PageErrorCode.IMAGE_TOO_LARGE, detail)
        ends_at = min(self._ends_at, self._ctx.platform.now() + _PAGE_S)
        rules = Rules(config.max_page_bytes, allow_private=config.allow_private_pages, ends_at=ends_at)
        self._found[key] = await copy_page(self._ctx.platform, self._job.request.pages[page - 1].url, key, rules)
        self.fetched += 1
