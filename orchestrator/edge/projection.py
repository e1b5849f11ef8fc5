"""What KV shows of the jobs. It decides nothing: a write that fails is logged, and the bucket still has it all."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from contract.errors import ContractError
from contract.fields import Fields
from contract.keys import check_id, kv_job, kv_jobs, kv_open, kv_wait
from contract.listing import JobItem, JobList
from contract.status import JobStatus
from edge.clock import iso
from edge.platform import MIN_TTL_S, KvKey, Platform, PlatformError
from edge.record import Job
from edge.state import JobState

_LEAST_KEPT_S = 5 * 86_400
"""A webhook is settled by then: its schedule takes three days and a bit."""


class Projection:
    """``kept_s``: how long a job can be asked for after its end, and stays listed after its TTL."""

    def __init__(self, platform: Platform, *, job_ttl_s: int, kept_s: int) -> None:
        self._platform = platform
        self._ttl_s = max(MIN_TTL_S, job_ttl_s + max(kept_s, _LEAST_KEPT_S))

    async def save(self, state: JobState) -> bool:
        """``job:{owner}:…:{id}``: in its metadata what a listing shows. Whether it was written."""
        job = state.job
        key = kv_job(job.owner, job.created_at, job.id)
        return await self._forgive(self._platform.kv.put(key, "1", ttl_s=self._ttl_s, metadata=_shown(state)), job.id)

    async def open(self, job: Job) -> None:
        """``open:{id}``: the sweep has to look after the job."""
        metadata = {"created_at": job.created_at}
        await self._forgive(
            self._platform.kv.put(kv_open(job.id), "1", ttl_s=self._ttl_s, metadata=metadata),
            job.id,
        )

    async def wait(self, job: Job) -> None:
        """``wait:{id}``: a translator that pulls may have the job."""
        metadata = {"created_at": job.created_at}
        await self._forgive(self._platform.kv.put(kv_wait(job.id), "1", ttl_s=self._ttl_s, metadata=metadata), job.id)

    async def take(self, job_id: str) -> None:
        """The job does not wait, or not any more."""
        await self._forgive(self._platform.kv.delete(kv_wait(job_id)), job_id)

    async def close(self, job_id: str) -> None:
        """The job has ended and its webhook is settled."""
        await self._forgive(self._platform.kv.delete(kv_open(job_id)), job_id)

    async def list(self, owner: str, *, cursor: str | None, limit: int, public_url: str) -> JobList:
        """A part of an owner's jobs, the newest first; the KV's own cursor."""
        prefix = kv_jobs(owner)
        page = await self._platform.kv.list(prefix=prefix, cursor=cursor, limit=limit)
        items = (_item(key, public_url) for key in page.keys if key.name.startswith(prefix))
        return JobList(tuple(item for item in items if item), page.cursor)

    async def _forgive(self, write: Awaitable[None], job_id: str) -> bool:
        try:
            await write
        except PlatformError as error:
            self._platform.log("projection_failed", {"job_id": job_id, "error": type(error).__name__})
            return False
        return True


def _shown(state: JobState) -> dict[str, Any]:
    """At most 128 + 128 bytes of ids and some numbers: well below KV's 1,024 bytes of metadata."""
    counts = state.counts
    return {
        "status": state.status.value,
        "chapter_id": state.job.request.chapter_id,
        "created_at": state.job.created_at,
        "pages": len(state.job.request.pages),
        "done": counts.done,
        "failed": counts.failed,
        "retry_of": state.job.retry_of,
    }


def _item(key: KvKey, public_url: str) -> JobItem | None:
    """``None`` for metadata that this version did not write."""
    job_id = key.name.rpartition(":")[2]
    try:
        fields = Fields(dict(key.metadata))
        return JobItem(
            id=check_id("job id", job_id),
            status=fields.choice("status", JobStatus),
            chapter_id=fields.text("chapter_id"),
            created_at=iso(fields.number("created_at")),
            status_url=f"{public_url}/jobs/{job_id}",
            pages=fields.integer("pages"),
            done=fields.integer("done"),
            failed=fields.integer("failed"),
            retry_of=fields.optional_text("retry_of"),
        )
    except ContractError:
        return None
