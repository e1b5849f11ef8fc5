"""The state of a job, worked out from what the bucket holds. Nothing else is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contract.errors import ContractError
from contract.keys import JobKeys
from contract.report import PageReport, Report, ReportType
from contract.status import JobStatus, PageStatus
from edge.merge import Entry, by_attempt, join, join_all, poison_entry, poisoned, suspects
from edge.mirror_record import Mirror
from edge.objects import CorruptObject, Stored, list_all, read_json
from edge.platform import Bucket, ObjectInfo
from edge.record import Claim, Final, Job, Successor, carried_pages


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
    """What an attempt has to do: ``pages`` in this order, those of ``alone`` with nothing else in work."""

    pages: tuple[int, ...]
    alone: tuple[int, ...] = ()

    @classmethod
    def after(cls, job: Job, reports: Iterable[Report]) -> Work:
        """What is left to an attempt after all those that made ``reports``, all of them dead.

        Pages under suspicion come last: what they may cost is not the others' time.
        """
        reports = by_attempt(reports)
        table, skipped, suspected = join_all(reports), poisoned(reports), suspects(reports)
        pages = [page for page in job.pages_to_do if page not in skipped and _is_open(table.get(page))]
        alone = tuple(page for page in pages if page in suspected)
        return cls((*(page for page in pages if page not in suspected), *alone), alone)


def is_complete(job: Job, reports: Iterable[Report]) -> bool:
    """Whether every page is done or failed."""
    table = join_all(reports)
    return all(page in table and table[page].report.status.is_terminal for page in job.page_numbers)


def _is_open(entry: Entry | None) -> bool:
    if entry is None or not entry.report.status.is_terminal:
        return True
    # What was lost before the first attempt has no input that another attempt could read.
    error = entry.report.error
    return entry.attempt > 0 and error is not None and error.code.retryable


async def load(bucket: Bucket, job_id: str) -> JobState | None:
    """The job's state, or ``None``.

    Two reads for a job that has ended, one more where it was no success; else one listing and some reads more.
    """
    keys = JobKeys(job_id)
    job, final = await asyncio.gather(
        read_json(bucket, keys.job, Job.from_json),
        read_json(bucket, keys.final, Final.from_json),
    )
    if job is None:
        return None
    if final is None:
        found = {info.key: info for info in await list_all(bucket, keys.root)}
        if keys.final not in found:
            return await _load_open(bucket, job.value, found)
        final = await read_json(bucket, keys.final, Final.from_json)
    return await _load_ended(bucket, job.value, final.value) if final else JobState(job.value)


async def _load_ended(bucket: Bucket, job: Job, final: Final) -> JobState:
    """Only what failed is retried, so that a success has no successor to look for."""
    if final.status is JobStatus.SUCCESS:
        return JobState(job, final=final)
    successor = await read_json(bucket, job.keys.successor, Successor.from_json)
    return JobState(job, final=final, successor=successor.value.job_id if successor else None)


async def _load_open(bucket: Bucket, job: Job, found: Mapping[str, ObjectInfo]) -> JobState:
    keys = job.keys
    attempts = _numbers(found, keys.attempts)
    beaten = _numbers(found, keys.heartbeats)
    beats = await asyncio.gather(*(read_beat(bucket, keys.heartbeat(attempt)) for attempt in beaten))
    claim = await read_json(bucket, keys.attempt(attempts[-1]), Claim.from_json) if attempts else None
    carried = await read_json(bucket, keys.carried, carried_pages) if keys.carried in found else None
    mirror = await read_json(bucket, keys.mirror, Mirror.from_json) if keys.mirror in found else None
    return JobState(
        job,
        started_at=_uploaded(found.get(keys.start)),
        cancel_at=_uploaded(found.get(keys.cancel)),
        attempts=attempts,
        claim=claim,
        beats={attempt: beat for attempt, beat in zip(beaten, beats, strict=True) if beat},
        results=frozenset(_numbers(found, f"{keys.root}results/")),
        carried=carried.value if carried else (),
        mirror=mirror.value if mirror else None,
    )


async def read_beat(bucket: Bucket, key: str) -> Beat | None:
    """Raises :class:`CorruptObject`."""
    found = await bucket.read(key)
    if found is None:
        return None
    info, body = found
    try:
        return Beat(Report.parse(body), info.uploaded.timestamp(), info.etag)
    except ContractError as error:
        raise CorruptObject(key, str(error)) from error


def _report_before(job: Job, pages: tuple[PageReport, ...]) -> Report:
    return Report(ReportType.RESULT, "before", job.id, attempt=0, worker_id="before", seq=0, pages=pages)


def _numbers(found: Iterable[str], prefix: str) -> tuple[int, ...]:
    names = (key.removeprefix(prefix).removesuffix(".json") for key in found if key.startswith(prefix))
    return tuple(sorted(int(name) for name in names if name.isdigit()))


def _uploaded(info: ObjectInfo | None) -> float | None:
    return info.uploaded.timestamp() if info else None
