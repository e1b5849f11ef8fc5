"""Storage keys. One place builds them, so one place refuses what could leave its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.errors import BadKey
from contract.image_format import ImageFormat

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_EXTENSION = re.compile(r"[a-z0-9]{1,5}")
_LAST_SECOND = 9_999_999_999


def check_id(name: str, value: str) -> str:
    """Returns ``value`` if it is safe as one part of a key, else raises :class:`BadKey`."""
    if not _ID.fullmatch(value) or ".." in value:
        raise BadKey(name, value)
    return value


def page_name(page: int) -> str:
    """``0001`` for page 1."""
    if not 1 <= page <= 9999:
        raise BadKey("page", str(page))
    return f"{page:04d}"


@dataclass(frozen=True, slots=True)
class JobKeys:
    """The keys under ``jobs/{jobId}/`` and ``outbox/{jobId}/``, for which the job's id is enough."""

    job_id: str

    def __post_init__(self) -> None:
        check_id("job id", self.job_id)

    @property
    def root(self) -> str:
        return f"jobs/{self.job_id}/"

    @property
    def job(self) -> str:
        return f"{self.root}job.json"

    @property
    def start(self) -> str:
        """Create-once: all inputs are there and the job may be dispatched."""
        return f"{self.root}start.json"

    @property
    def cancel(self) -> str:
        """Create-once: the owner asked for the job to stop."""
        return f"{self.root}cancel.json"

    @property
    def final(self) -> str:
        """Create-once: the commit point."""
        return f"{self.root}final.json"

    @property
    def mirror(self) -> str:
        """How far the fetching of pages from URLs is."""
        return f"{self.root}mirror.json"

    @property
    def carried(self) -> str:
        """Create-once: the pages that a retry took over from the job before, as they had ended there."""
        return f"{self.root}carried.json"

    @property
    def successor(self) -> str:
        """Create-once: the job that retries this one."""
        return f"{self.root}successor.json"

    @property
    def attempts(self) -> str:
        return f"{self.root}attempts/"

    def attempt(self, n: int) -> str:
        return f"{self.attempts}{_attempt(n)}.json"

    @property
    def heartbeats(self) -> str:
        return f"{self.root}heartbeats/"

    def heartbeat(self, n: int) -> str:
        return f"{self.heartbeats}{_attempt(n)}.json"

    def result(self, n: int) -> str:
        return f"{self.root}results/{_attempt(n)}.json"

    @property
    def series_updates(self) -> str:
        """What the job adds to its series and is not merged yet."""
        return f"{series_updates()}{self.job_id}/"

    def series_update(self, n: int) -> str:
        """Create-once: what attempt n learned. Deleted once it is merged."""
        return f"{self.series_updates}{_attempt(n)}.json"

    @property
    def unlearned(self) -> str:
        """Create-once: pages of attempts that died before they told what they had learned."""
        return f"{self.series_updates}pages.json"

    def outbox(self, event_id: str) -> str:
        return f"outbox/{self.job_id}/{check_id('event id', event_id)}.json"


@dataclass(frozen=True, slots=True)
class ChapterKeys:
    """The keys of a job's pages, for which the owner and the chapter are needed too."""

    owner: str
    chapter_id: str
    job_id: str

    def __post_init__(self) -> None:
        check_id("owner", self.owner)
        check_id("chapter id", self.chapter_id)
        check_id("job id", self.job_id)

    @property
    def _place(self) -> str:
        return f"by-chapter/{self.owner}/{self.chapter_id}/{self.job_id}/"

    @property
    def inputs(self) -> str:
        return f"inputs/{self._place}pages/"

    def input(self, page: int, extension: str) -> str:
        if not _EXTENSION.fullmatch(extension):
            raise BadKey("extension", extension)
        return f"{self.inputs}{page_name(page)}.{extension}"

    @property
    def outputs(self) -> str:
        return f"outputs/{self._place}"

    def image(self, attempt: int, page: int, image_format: ImageFormat) -> str:
        return f"{self.outputs}a{_attempt(attempt)}/pages/{page_name(page)}.{image_format.value}"

    def plate(self, attempt: int, page: int, image_format: ImageFormat) -> str:
        """The page without the lettering that was replaced."""
        return f"{self.outputs}a{_attempt(attempt)}/plates/{page_name(page)}.{image_format.value}"

    def document(self, attempt: int, page: int) -> str:
        return f"{self.outputs}a{_attempt(attempt)}/pages/{page_name(page)}.json"


def series_memory(owner: str, series_id: str) -> str:
    """The series' translation memory."""
    return f"series/{check_id('owner', owner)}/{check_id('series id', series_id)}/memory.json"


def series_glossary(owner: str, series_id: str) -> str:
    """The series' glossary."""
    return f"series/{check_id('owner', owner)}/{check_id('series id', series_id)}/glossary.json"


def series_updates() -> str:
    """The folder of what jobs add to their series, a folder a job."""
    return "series_updates/"


def decisions(owner: str, job_id: str, page: int) -> str:
    """What was asked of a model for a page, and answered; ``job_id`` is the first of a chain of retries."""
    return f"decisions/{check_id('owner', owner)}/{check_id('job id', job_id)}/{page_name(page)}.json"


def nonce(hour: str, message_id: str) -> str:
    """Spent message id; ``hour`` is ``yyyymmddhh`` (UTC) of the message's own timestamp, so that a replay finds it."""
    return f"nonces/{check_id('hour', hour)}/{check_id('message id', message_id)}"


def idempotency(owner: str, digest: str) -> str:
    """Which job an ``Idempotency-Key`` stands for; ``digest`` is the SHA-256 of the key in hex."""
    return f"idem/{check_id('owner', owner)}/{check_id('digest', digest)}.json"


def active_jobs(owner: str) -> str:
    """The folder of the owner's jobs that hold a place among those that may run at a time."""
    return f"active/{check_id('owner', owner)}/"


def active_job(owner: str, job_id: str) -> str:
    return f"{active_jobs(owner)}{check_id('job id', job_id)}"


def kv_jobs(owner: str) -> str:
    """KV: the prefix of an owner's jobs. No owner holds a colon, so that none is a prefix of another."""
    return f"job:{check_id('owner', owner)}:"


def kv_job(owner: str, created_at: float, job_id: str) -> str:
    """KV: the job's snapshot. Names ascend from the newest job to the oldest."""
    age = _LAST_SECOND - min(_LAST_SECOND, max(0, int(created_at)))
    return f"{kv_jobs(owner)}{age:010d}:{check_id('job id', job_id)}"


def kv_open(job_id: str) -> str:
    """KV: a job that has not ended, for the sweep."""
    return f"open:{check_id('job id', job_id)}"


def kv_wait(job_id: str) -> str:
    """KV: a job that waits for a translator that pulls."""
    return f"wait:{check_id('job id', job_id)}"


def _attempt(n: int) -> str:
    if not 1 <= n <= 99:
        raise BadKey("attempt", str(n))
    return str(n)
