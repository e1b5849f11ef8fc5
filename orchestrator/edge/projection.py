"""What KV shows of the jobs. It decides nothing: a write that fails is logged, and the bucket still has it all."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

from contract.keys import kv_job, kv_open
from edge.platform import MIN_TTL_S, Platform, PlatformError
from edge.record import Job
from edge.state import JobState

_DAY_S = 86_400
_KEPT_S = 7 * _DAY_S
"""A job stays listed for this long after its TTL; its webhook is settled by then."""


class Projection:
    def __init__(self, platform: Platform, job_ttl_s: int) -> None:
        self._platform = platform
        self._ttl_s = max(MIN_TTL_S, job_ttl_s + _KEPT_S)

    async def save(self, state: JobState) -> None:
        """``job:{id}``: the snapshot, and in its metadata what a listing shows."""
        job = state.job
        shown = _shown(state)
        value = json.dumps({"id": job.id, "expires_at": job.expires_at, **shown})
        kv = self._platform.kv
        await self._forgive(kv.put(kv_job(job.id), value, ttl_s=self._ttl_s, metadata=shown), job.id)

    async def open(self, job: Job) -> None:
        """``open:{id}``: the sweep has to look after the job."""
        metadata = {"created_at": job.created_at}
        await self._forgive(
            self._platform.kv.put(kv_open(job.id), "1", ttl_s=self._ttl_s, metadata=metadata),
            job.id,
        )

    async def close(self, job_id: str) -> None:
        """The job has ended and its webhook is settled."""
        await self._forgive(self._platform.kv.delete(kv_open(job_id)), job_id)

    async def _forgive(self, write: Awaitable[None], job_id: str) -> None:
        try:
            await write
        except PlatformError as error:
            self._platform.log("projection_failed", {"job": job_id, "error": type(error).__name__})


def _shown(state: JobState) -> dict[str, Any]:
    """At most 128 + 128 bytes of ids and some numbers: well below KV's 1,024 bytes of metadata."""
    counts = state.counts
    return {
        "owner": state.job.owner,
        "status": state.status.value,
        "chapter_id": state.job.request.chapter_id,
        "created_at": state.job.created_at,
        "pages": len(state.job.request.pages),
        "done": counts.done,
        "failed": counts.failed,
    }
