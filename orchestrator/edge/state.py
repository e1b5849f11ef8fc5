"""The state of a job, worked out from what the bucket holds. Nothing else is asked."""

from __future__ import annotations

import asyncio
from bisect import bisect
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from contract.attempt import MAX_ATTEMPTS
from contract.engines import KEYLESS
from contract.errors import ContractError
from contract.job import MAX_PAGES, Direction
from contract.keys import JobKeys
from contract.report import PageOutput, PageReport, Report, ReportType
from contract.status import JobStatus, PageStatus
from contract.usage import NO_USAGE, Usage
from edge.merge import Entry, by_attempt, join, join_all, poison_entry, poisoned, suspects
from edge.mirror_record import Mirror
from edge.objects import CorruptObject, Stored, list_all, read_json
from edge.platform import Bucket, ObjectInfo
from edge.record import Beside, Claim, Final, Job, Successor, carried_pages

Listing = Mapping[str, ObjectInfo]
"""What is stored of a job, by key."""
_BESIDE = 8
"""A text may cross the border to the next page, and where that one is short, to the ones after it: a translator looks
no farther."""
_MOST_DONE = 100
"""Pages whose documents an order hands out: a claim that names them is read with every report."""
_REMEMBERED = 8
"""Page tables that an isolate keeps, as in edge.objects."""


@dataclass(frozen=True, slots=True)
class Beat:
    """An attempt's last report. ``uploaded`` is the bucket's own clock, in unix seconds: it decides the lease."""

    report: Report
    uploaded: float
    etag: str


@dataclass(frozen=True, slots=True)
class Counts:
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class JobState:
    """``attempts`` are the claimed ones, ascending; ``claim`` is the last one's record; ``results`` have a manifest.

    ``carried`` are the pages that a retry took over. Of a job that has ended, only ``job``, ``final`` and ``successor``
    are there.
    """

    job: Job
    final: Final | None = None
    started_at: float | None = None
    cancel_at: float | None = None
    attempts: tuple[int, ...] = ()
    claim: Stored[Claim] | None = None
    beats: Mapping[int, Beat] = field(default_factory=dict)
    results: frozenset[int] = frozenset()
    carried: tuple[PageReport, ...] = ()
    mirror: Mirror | None = None
    successor: str | None = None

    @property
    def is_mirroring(self) -> bool:
        """Whether pages are still to be fetched from their URLs."""
        return bool(self.job.url_pages) and not (self.mirror and self.mirror.done)

    @property
    def latest(self) -> int:
        """The newest attempt's number, 0 before the first."""
        return self.attempts[-1] if self.attempts else 0

    @property
    def status(self) -> JobStatus:
        if self.final:
            return self.final.status
        if self.beats:
            return JobStatus.RUNNING
        # A job of URLs stays so until it runs: a status never goes back.
        if self.job.url_pages or (self.claim and self.claim.value.accepted_at is not None):
            return JobStatus.PREPARING
        return JobStatus.QUEUED

    @property
    def reports(self) -> list[Report]:
        """What is known of the pages, a report an attempt; those that were carried over, or lost on their
        way in, are attempt 0's."""
        before = (*self.carried, *(self.mirror.lost if self.mirror else ()))
        known = [_report_before(self.job, before)] if before else []
        return known + [self.beats[attempt].report for attempt in sorted(self.beats)]

    @property
    def table(self) -> dict[int, Entry]:
        """The pages that something is known about."""
        if self.final:
            return {page.report.page: Entry(page.report, page.attempt, 0) for page in self.final.pages}
        dead = (beat.report for attempt, beat in self.beats.items() if attempt < self.latest)
        return with_poison(join_all(self.reports), poisoned(dead))

    @property
    def counts(self) -> Counts:
        statuses = [entry.report.status for entry in self.table.values()]
        return Counts(done=statuses.count(PageStatus.DONE), failed=statuses.count(PageStatus.FAILED))

    def lease_is_over(self, *, now: float, lease_s: float) -> bool:
        """Whether the newest attempt has reported, and then been silent for too long."""
        beat = self.beats.get(self.latest)
        return beat is not None and now - beat.uploaded > lease_s


def with_poison(table: Mapping[int, Entry], pages: Iterable[int]) -> dict[int, Entry]:
    return join(table, {page: poison_entry(page) for page in pages})


@dataclass(frozen=True, slots=True)
class Work:
    """What an attempt has to do: ``pages`` in this order, those of ``alone`` with nothing else in work.

    ``neighbours`` are the pages of a strip beside them that are not to be done: texts may cross from one to the other.
    ``done`` are other pages that are done, where a model may be told of them. ``used`` is what the attempts before have
    asked of models, as far as they reported it; ``direction`` is what they settled on, where the job leaves it open.
    """

    pages: tuple[int, ...]
    alone: tuple[int, ...] = ()
    neighbours: tuple[Beside, ...] = ()
    done: tuple[Beside, ...] = ()
    used: Usage = NO_USAGE
    direction: Direction | None = None

    @classmethod
    def after(cls, job: Job, reports: Iterable[Report]) -> Work:
        """What is left to an attempt after all those that made ``reports``, all of them dead.

        Pages under suspicion come last: what they may cost is not the others' time.
        """
        reports = by_attempt(reports)
        table, skipped, suspected = join_all(reports), poisoned(reports), suspects(reports)
        opened = {page for page in job.pages_to_do if page not in skipped and _is_open(table.get(page))}
        pages = sorted(opened | (_unsettled(table, opened) - skipped))
        alone = tuple(page for page in pages if page in suspected)
        lost = {page for page in table if _was_lost(table[page])}
        neighbours = _beside(job, pages, table, without=skipped | lost)
        return cls(
            pages=(*(page for page in pages if page not in suspected), *alone),
            alone=alone,
            neighbours=neighbours,
            done=_done(job, pages, table, without={page.page for page in neighbours}),
            used=sum((report.usage for report in reports), NO_USAGE),
            direction=_direction(table),
        )


def _unsettled(table: Mapping[int, Entry], opened: Collection[int]) -> set[int]:
    """The pages that are done, and have to be done again with one of ``opened``: they share a text that it did not do
    its part of. Should they fail, they stay as they are."""
    done = (entry.report for entry in table.values() if entry.report.status is PageStatus.DONE)
    return {report.page for report in done if not set(report.unsettled).isdisjoint(opened)}


def _direction(table: Mapping[int, Entry]) -> Direction | None:
    """What the pages that are done were read in, the first of them deciding."""
    found = (table[page].report for page in sorted(table))
    return next((page.direction for page in found if page.status is PageStatus.DONE and page.direction), None)


def _beside(
    job: Job, pages: Collection[int], table: Mapping[int, Entry], *, without: Collection[int]
) -> tuple[Beside, ...]:
    """The pages of a strip that lie next to ``pages``, without those that have no input or that attempts died with."""
    if job.request.reading_direction is not Direction.WEBTOON:
        return ()
    near = {page + step for page in pages for step in range(-_BESIDE, _BESIDE + 1)} - {*pages, *without}
    outputs = _outputs(table)
    return tuple(Beside.of(page, outputs.get(page)) for page in sorted(near & set(job.page_numbers)))


def _done(
    job: Job, pages: Sequence[int], table: Mapping[int, Entry], *, without: Collection[int]
) -> tuple[Beside, ...]:
    """The pages that are done and that a model may be told of, where the job's translator may be one: where they are
    too many, those that soon come before one of ``pages`` first."""
    if not pages or job.request.options.translator == KEYLESS:
        return ()
    outputs = {page: output for page, output in _outputs(table).items() if page not in {*pages, *without}}
    told = sorted(outputs, key=lambda page: (_until(page, pages), page))[:_MOST_DONE]
    return tuple(Beside.of(page, outputs[page]) for page in sorted(told))


def _until(page: int, pages: Sequence[int]) -> int:
    """How many pages it is to the next of ``pages``, which are ascending; after the last, more than to any."""
    place = bisect(pages, page)
    return pages[place] - page if place < len(pages) else MAX_PAGES + page - pages[-1]


def _outputs(table: Mapping[int, Entry]) -> dict[int, PageOutput]:
    """Those of the pages that are done."""
    done = {page: entry.report for page, entry in table.items() if entry.report.status is PageStatus.DONE}
    return {page: report.output for page, report in done.items() if report.output is not None}


def _was_lost(entry: Entry) -> bool:
    """Whether a page was lost on its way in."""
    return entry.attempt == 0 and entry.report.status is PageStatus.FAILED


def is_complete(job: Job, reports: Iterable[Report]) -> bool:
    """Whether every page is done or failed."""
    table = join_all(reports)
    return all(page in table and table[page].report.status.is_terminal for page in job.page_numbers)


def _is_open(entry: Entry | None) -> bool:
    if entry is None or not entry.report.status.is_terminal:
        return True
    # What was lost before the first attempt has no input that another attempt could read.
    error = entry.report.error
    return entry.attempt > 0 and error is not None and error.code.is_tried_again


async def load(bucket: Bucket, job_id: str) -> JobState | None:
    """The job's state, or ``None``: two reads for a job that has ended, one more where it was no success.

    The objects of an open job have known names and are asked for one by one: a listing costs as much as twelve reads,
    and this is done at every poll and every report.
    """
    job, final = await _job_and_final(bucket, job_id)
    if job is None:
        return None
    if final is None:
        state = await _load_open(bucket, job)
        # Whoever has seen the end must not see the job open again, whatever else was read in between.
        if await bucket.head(job.keys.final) is None:
            return state
        final = await read_json(bucket, job.keys.final, Final.from_json)
    return await _load_ended(bucket, job, final.value) if final else JobState(job)


async def load_listed(bucket: Bucket, job_id: str, listed: Iterable[ObjectInfo] | None = None) -> JobState | None:
    """As :func:`load`, in fewer operations that cost more: a listing, and reads of what is there.

    ``listed`` is the listing of the job's folder, where there is one already.
    """
    job, final = await _job_and_final(bucket, job_id)
    if job is None:
        return None
    if final is None:
        infos = await list_all(bucket, job.keys.root) if listed is None else listed
        found = {info.key: info for info in infos}
        if job.keys.final not in found:
            return await _load_found(bucket, job, found)
        final = await read_json(bucket, job.keys.final, Final.from_json)
    return await _load_ended(bucket, job, final.value) if final else JobState(job)


async def _job_and_final(bucket: Bucket, job_id: str) -> tuple[Job | None, Stored[Final] | None]:
    keys = JobKeys(job_id)
    job, final = await asyncio.gather(
        read_json(bucket, keys.job, Job.from_json),
        read_json(bucket, keys.final, Final.from_json),
    )
    return (job.value if job else None), final


async def _load_ended(bucket: Bucket, job: Job, final: Final) -> JobState:
    """Only what failed is retried, so that a success has no successor to look for."""
    if final.status is JobStatus.SUCCESS:
        return JobState(job, final=final)
    successor = await read_json(bucket, job.keys.successor, Successor.from_json)
    return JobState(job, final=final, successor=successor.value.job_id if successor else None)


async def _load_open(bucket: Bucket, job: Job) -> JobState:
    """Nothing is seen without what was there before it."""
    keys = job.keys
    start, cancel, carried, mirror, chain = await asyncio.gather(
        bucket.head(keys.start),
        bucket.head(keys.cancel),
        _carried(bucket, job, wanted=job.retry_of is not None),
        _mirror(bucket, job, wanted=bool(job.url_pages)),
        _Chain.load(bucket, keys),
    )
    return JobState(
        job,
        started_at=_uploaded(start),
        cancel_at=_uploaded(cancel),
        attempts=tuple(range(1, chain.latest + 1)),
        claim=chain.claim,
        beats=chain.beats,
        results=frozenset(chain.results),
        carried=carried,
        mirror=mirror,
    )


@dataclass(slots=True)
class _Chain:
    """The attempts, one after the other: each one is claimed once the one before it was."""

    claim: Stored[Claim] | None = None
    latest: int = 0
    beats: dict[int, Beat] = field(default_factory=dict)
    results: list[int] = field(default_factory=list)

    @classmethod
    async def load(cls, bucket: Bucket, keys: JobKeys) -> _Chain:
        chain = cls()
        claim = await read_json(bucket, keys.attempt(1), Claim.from_json)
        while claim is not None:
            chain.claim, chain.latest = claim, chain.latest + 1
            claim, beat, result = await asyncio.gather(
                _next_claim(bucket, keys, chain.latest),
                read_beat(bucket, keys.heartbeat(chain.latest)),
                bucket.head(keys.result(chain.latest)),
            )
            if beat:
                chain.beats[chain.latest] = beat
            if result:
                chain.results.append(chain.latest)
        return chain


async def _next_claim(bucket: Bucket, keys: JobKeys, attempt: int) -> Stored[Claim] | None:
    if attempt >= MAX_ATTEMPTS:
        return None
    return await read_json(bucket, keys.attempt(attempt + 1), Claim.from_json)


async def _load_found(bucket: Bucket, job: Job, found: Listing) -> JobState:
    keys = job.keys
    attempts = _numbers(found, keys.attempts)
    beaten = _numbers(found, keys.heartbeats)
    beats = await asyncio.gather(*(read_beat(bucket, keys.heartbeat(attempt)) for attempt in beaten))
    claim = await read_json(bucket, keys.attempt(attempts[-1]), Claim.from_json) if attempts else None
    return JobState(
        job,
        started_at=_uploaded(found.get(keys.start)),
        cancel_at=_uploaded(found.get(keys.cancel)),
        attempts=attempts,
        claim=claim,
        beats={attempt: beat for attempt, beat in zip(beaten, beats, strict=True) if beat},
        results=frozenset(_numbers(found, f"{keys.root}results/")),
        carried=await _carried(bucket, job, wanted=keys.carried in found),
        mirror=await _mirror(bucket, job, wanted=keys.mirror in found),
    )


async def _carried(bucket: Bucket, job: Job, *, wanted: bool) -> tuple[PageReport, ...]:
    stored = await read_json(bucket, job.keys.carried, carried_pages) if wanted else None
    return stored.value if stored else ()


async def _mirror(bucket: Bucket, job: Job, *, wanted: bool) -> Mirror | None:
    stored = await read_json(bucket, job.keys.mirror, Mirror.from_json) if wanted else None
    return stored.value if stored else None


async def read_beat(bucket: Bucket, key: str) -> Beat | None:
    """Raises :class:`CorruptObject`."""
    found = await bucket.read(key)
    if found is None:
        return None
    info, body = found
    try:
        return Beat(_report(body), info.uploaded.timestamp(), info.etag)
    except ContractError as error:
        raise CorruptObject(key, str(error)) from error


@lru_cache(maxsize=_REMEMBERED)
def _report(body: bytes) -> Report:
    return Report.parse(body)


def _report_before(job: Job, pages: tuple[PageReport, ...]) -> Report:
    return Report(ReportType.RESULT, "before", job.id, attempt=0, worker_id="before", seq=0, pages=pages)


def _numbers(found: Iterable[str], prefix: str) -> tuple[int, ...]:
    names = (key.removeprefix(prefix).removesuffix(".json") for key in found if key.startswith(prefix))
    return tuple(sorted(int(name) for name in names if name.isdigit()))


def _uploaded(info: ObjectInfo | None) -> float | None:
    return info.uploaded.timestamp() if info else None
