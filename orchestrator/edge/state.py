"""The state of a job, worked out from what the bucket holds. Nothing else is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contract.errors import ContractError
from contract.keys import JobKeys
from contract.report import Report
from contract.status import JobStatus, PageStatus
from edge.merge import Entry, by_attempt, join, join_all, poison_entry, poisoned
from edge.objects import CorruptObject, Stored, list_all, read_json
from edge.platform import Bucket, ObjectInfo
from edge.record import Claim, Final, Job


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

    Of a job that has ended, only ``job`` and ``final`` are there.
    """

    job: Job
    final: Final | None = None
    started_at: float | None = None
    cancel_at: float | None = None
    attempts: tuple[int, ...] = ()
    claim: Stored[Claim] | None = None
    beats: Mapping[int, Beat] = field(default_factory=dict)
    results: frozenset[int] = frozenset()

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
        if self.claim and self.claim.value.accepted_at is not None:
            return JobStatus.PREPARING
        return JobStatus.QUEUED

    @property
    def reports(self) -> list[Report]:
        return [self.beats[attempt].report for attempt in sorted(self.beats)]

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


def pages_to_order(job: Job, reports: Iterable[Report]) -> tuple[int, ...]:
    """What an attempt after all those that made ``reports``, all of them dead, has to do."""
    reports = by_attempt(reports)
    table, skipped = join_all(reports), poisoned(reports)
    return tuple(page for page in job.page_numbers if page not in skipped and _is_open(table.get(page)))


def is_complete(job: Job, reports: Iterable[Report]) -> bool:
    """Whether every page is done or failed."""
    table = join_all(reports)
    return all(page in table and table[page].report.status.is_terminal for page in job.page_numbers)


def _is_open(entry: Entry | None) -> bool:
    if entry is None or not entry.report.status.is_terminal:
        return True
    error = entry.report.error
    return error is not None and error.code.retryable


async def load(bucket: Bucket, job_id: str) -> JobState | None:
    """The job's state, or ``None``. Two reads for a job that has ended; else one listing and some reads more."""
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
    return JobState(job.value, final=final.value if final else None)


async def _load_open(bucket: Bucket, job: Job, found: Mapping[str, ObjectInfo]) -> JobState:
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


def _numbers(found: Iterable[str], prefix: str) -> tuple[int, ...]:
    names = (key.removeprefix(prefix).removesuffix(".json") for key in found if key.startswith(prefix))
    return tuple(sorted(int(name) for name in names if name.isdigit()))


def _uploaded(info: ObjectInfo | None) -> float | None:
    return info.uploaded.timestamp() if info else None
