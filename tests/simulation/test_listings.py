"""What the simulation holds listings to: each wrong one is seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract.listing import JobItem
from contract.status import JobStatus
from edge.platform import ABSENT
from tests.simulation.evidence import Evidence
from tests.simulation.listings import Listings
from tests.simulation.store import Store
from tests.simulation.trace import Trace


class Archive:
    """Stored jobs, and the invariants over listings of them."""

    def __init__(self) -> None:
        self._store = Store(lambda: 0.0)
        self.evidence = Evidence(self._store, Trace(lambda: 0.0), lambda: 0.0)
        self.listings = Listings(self.evidence)

    def job(self, job_id: str, owner: str = "a", *, ends_at: float | None = 10.0) -> JobItem:
        """A job, with the item that shows it as it is."""
        self._put(f"jobs/{job_id}/job.json", {"id": job_id, "owner": owner})
        if ends_at is None:
            return item(job_id, JobStatus.RUNNING)
        record = self.evidence.record(job_id)
        record.final = {"status": "success", "pages": [{"report": {"status": "done"}}]}
        record.final_at = ends_at
        return item(job_id, JobStatus.SUCCESS, done=1)

    def _put(self, key: str, document: dict[str, Any]) -> None:
        self._store.put(key, json.dumps(document).encode(), content_type="application/json", only_if=ABSENT)


def item(job_id: str, status: JobStatus, *, done: int = 0) -> JobItem:
    return JobItem(job_id, status, "ch", "2026-01-01T00:00:00Z", "https://x.test", pages=1, done=done)


@pytest.fixture
def archive() -> Archive:
    return Archive()


def test_a_true_listing_is_no_violation(archive: Archive) -> None:
    archive.job("j3", "b")
    items = [archive.job("j1"), archive.job("j2", ends_at=None)]
    archive.listings.listed("a", items)
    archive.listings.listed_when_quiet("a", items, forgotten_at=None)
    assert archive.evidence.violations == []


def test_a_listing_may_be_behind_while_things_happen(archive: Archive) -> None:
    archive.job("j1")
    archive.job("j2")
    archive.listings.listed("a", [item("j1", JobStatus.QUEUED)])
    assert archive.evidence.violations == []


def test_another_owners_job_is_one_too_many(archive: Archive) -> None:
    archive.listings.listed("a", [archive.job("j1", "b")])
    assert archive.evidence.violations == ["a is shown j1, which is b's"]


def test_a_job_that_nobody_made_is_one_too_many(archive: Archive) -> None:
    archive.listings.listed("a", [item("j9", JobStatus.QUEUED)])
    assert archive.evidence.violations == ["a is shown j9, which nobody made"]


def test_a_job_stands_in_a_listing_once(archive: Archive) -> None:
    shown = archive.job("j1")
    archive.listings.listed("a", [shown, shown])
    assert "stands 2 times" in archive.evidence.violations[0]


def test_an_end_is_not_listed_before_it_is_there(archive: Archive) -> None:
    archive.job("j1", ends_at=None)
    archive.listings.listed("a", [item("j1", JobStatus.SUCCESS)])
    assert "is not how it stands" in archive.evidence.violations[0]


def test_when_it_is_quiet_every_job_is_there_as_it_ended(archive: Archive) -> None:
    archive.job("j1")
    archive.job("j2")
    archive.listings.listed_when_quiet("a", [item("j1", JobStatus.RUNNING)], forgotten_at=None)
    assert [violation.split()[0] for violation in archive.evidence.violations] == ["j1", "j2"]


@pytest.mark.parametrize(("forgotten_at", "violations"), [(9.0, 1), (11.0, 0)])
def test_only_what_had_ended_when_kv_lost_everything_may_be_missing(
    archive: Archive, forgotten_at: float, violations: int
) -> None:
    archive.job("j1", ends_at=10.0)
    archive.listings.listed_when_quiet("a", [], forgotten_at=forgotten_at)
    assert len(archive.evidence.violations) == violations


@pytest.mark.parametrize(
    ("owner", "status", "violations"), [("a", 200, 0), ("b", 404, 0), ("b", 503, 0), ("b", 200, 1)]
)
def test_another_owners_job_is_answered_as_if_it_were_not_there(
    archive: Archive, owner: str, status: int, violations: int
) -> None:
    archive.job("j1", "a")
    archive.listings.check_foreign(owner, "j1", status)
    assert len(archive.evidence.violations) == violations
