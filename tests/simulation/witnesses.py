"""Witnesses: what clients were answered. Nothing that one has seen goes back."""

from __future__ import annotations

import json

from contract.status import PageStatus
from contract.view import JobView
from tests.simulation.ambient import EPOCH
from tests.simulation.evidence import Evidence
from tests.simulation.message import Answer


class Witnesses:
    """Each client tells what it saw, under a name of its own."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._ids: dict[int, str] = {}
        self._successors: dict[str, str] = {}
        self._views: dict[str, JobView] = {}

    def answered_create(self, number: int, job_id: str) -> None:
        """One idempotency key, one job."""
        if self._ids.setdefault(number, job_id) != job_id:
            self._evidence.violated(f"one idempotency key led to two jobs, {self._ids[number]} and {job_id}")

    def retried(self, job_id: str, successor: str) -> None:
        """The job after a job is one and the same, whoever asks."""
        if self._successors.setdefault(job_id, successor) != successor:
            self._evidence.violated(f"{job_id} has two successors, {self._successors[job_id]} and {successor}")

    def refused_retry(self, job_id: str, answer: Answer) -> None:
        """Right only where the inputs are gone, or another client's retry was there first, for other pages."""
        if answer.status == 409 and job_id not in self._successors:
            superseded_by = json.loads(answer.body).get("superseded_by")
            if not superseded_by:
                self._evidence.violated(f"{job_id}: a retry of what failed was refused: {answer.body!r}")

    def saw(self, who: str, view: JobView) -> None:
        """Nothing that an observer has seen goes back."""
        before, self._views[who] = self._views.get(who), view
        if before is None or before.id != view.id:
            return
        if before.status.is_terminal and (before.status, before.pages) != (view.status, view.pages):
            self._evidence.violated(f"{who}: an ended job changed from {before.status} to {view.status}")
        for old, new in zip(before.pages, view.pages, strict=True):
            if old.status.is_terminal and not new.status.is_terminal:
                self._evidence.violated(f"{who}: page {old.page} went back from {old.status} to {new.status}")
            if (
                old.status is PageStatus.DONE
                and new.status is PageStatus.FAILED
                and self._evidence.verifies_anywhere(view.id, old.page)
            ):
                self._evidence.violated(f"{who}: page {old.page}, which is stored, went back from done to failed")

    def turned_away(self, job_id: str, status: int) -> None:
        """A poll was answered 401 or 410: right only once the job's time is over."""
        job = self._evidence.job(job_id)
        if job["expires_at"] > EPOCH + self._evidence.now():
            self._evidence.violated(f"a poll of {job_id} was answered {status} before it expired")
