"""Listings: an owner's jobs and nobody else's, each once, and all of them once it is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from contract.listing import JobItem
from tests.simulation.evidence import Evidence


class Listings:
    """Compares what ``GET /jobs`` answered with the jobs that are stored."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.seen = 0
        """Jobs that listings showed, in all."""

    def listed(self, owner: str, items: Sequence[JobItem]) -> None:
        """One listing, from its beginning to its end, at whatever moment: it may lack a job, and be behind."""
        self.seen += len(items)
        for job_id, times in Counter(item.id for item in items).items():
            if times > 1:
                self._evidence.violated(f"{job_id} stands {times} times in a listing of {owner}")
        for item in items:
            self._check_owner(owner, item)
            self._check_end(item)

    def listed_when_quiet(self, owner: str, items: Sequence[JobItem], *, forgotten_at: float | None) -> None:
        """Nothing has happened for minutes: every job is there, as it ended.

        ``forgotten_at`` is when KV lost everything, if it did. What had ended by then is not looked after any more.
        """
        self.listed(owner, items)
        shown = {item.id: item for item in items}
        for job_id in self._evidence.job_ids():
            record = self._evidence.record(job_id)
            if self._evidence.job(job_id)["owner"] != owner or record.final is None:
                continue
            if job_id in shown:
                self._check_current(shown[job_id])
            elif forgotten_at is None or record.final_at > forgotten_at:
                self._evidence.violated(f"{job_id} of {owner} is not listed, and it is quiet")

    def check_foreign(self, owner: str, job_id: str, status: int) -> None:
        """Whoever asks for a job of another owner hears that there is none."""
        if self._evidence.job(job_id)["owner"] != owner and status in (200, 304, 410):
            self._evidence.violated(f"{owner} was answered {status} about {job_id}, which is another owner's")

    def _check_owner(self, owner: str, item: JobItem) -> None:
        job = self._evidence.json(f"jobs/{item.id}/job.json")
        if job is None:
            self._evidence.violated(f"{owner} is shown {item.id}, which nobody made")
        elif job["owner"] != owner:
            self._evidence.violated(f"{owner} is shown {item.id}, which is {job['owner']}'s")

    def _check_end(self, item: JobItem) -> None:
        """A listing may be behind, never ahead."""
        final = self._evidence.record(item.id).final
        if item.status.is_terminal and (final is None or final["status"] != item.status):
            self._evidence.violated(f"{item.id} is listed as {item.status}, which is not how it stands")

    def _check_current(self, item: JobItem) -> None:
        final = self._evidence.record(item.id).final
        assert final is not None
        statuses = Counter(page["report"]["status"] for page in final["pages"])
        if (item.status, item.done, item.failed) != (final["status"], statuses["done"], statuses["failed"]):
            self._evidence.violated(f"{item.id} ended as {final['status']} and is still listed as {item.status}")
