"""Ends: one a job, and each as its pages and its history say."""

from __future__ import annotations

import json
from typing import Any

from tests.simulation.evidence import Evidence, Record
from tests.simulation.location import invocation_began
from tests.simulation.store import Put

MAX_ATTEMPTS = 5


class Finals:
    """Looks at every ``final.json`` as it is stored."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def stored(self, record: Record, put: Put) -> None:
        final = json.loads(put.body)
        if record.final is not None:
            self._evidence.violated(f"{record.id} has two finals: {record.final['status']}, then {final['status']}")
            return
        record.final, record.final_at = final, put.at
        self._evidence.trace.note("final", f"{record.id}: {final['status']} by attempt {final['attempt']}")
        self._check_final(record, final)
        self._check_fence(record, final)

    def _check_final(self, record: Record, final: dict[str, Any]) -> None:
        """Every page has an end, what is called done is there, and the status follows from the pages."""
        job = self._evidence.job(record.id)
        reports = [page["report"] for page in final["pages"]]
        numbers = [report["page"] for report in reports]
        if numbers != list(range(1, len(job["request"]["pages"]) + 1)):
            self._evidence.violated(f"{record.id}: its final has the pages {numbers}")
        done = [report for report in reports if report["status"] == "done"]
        failed = [report for report in reports if report["status"] == "failed" and report.get("error")]
        if len(done) + len(failed) != len(reports):
            self._evidence.violated(f"{record.id}: a page has no end in its final")
        for report in done:
            if not self._evidence.verifies(job, report):
                self._evidence.violated(
                    f"{record.id}: page {report['page']} is called done and is not there as reported"
                )
        allowed = self._allowed(record, job, final, len(done), len(failed))
        if final["status"] not in allowed:
            self._evidence.violated(f"{record.id} ended as {final['status']}, which is none of {sorted(allowed)}")
        self._check_effort(record, job, final, failed)

    def _allowed(self, record: Record, job: dict[str, Any], final: dict[str, Any], done: int, failed: int) -> set[str]:
        if not failed:
            return {"success"}
        allowed = {"partial" if done else "error"}
        if f"jobs/{record.id}/cancel.json" in self._evidence.store.objects:
            allowed.add("canceled")
        if job["expires_at"] <= final["completed_at"]:
            allowed.add("expired")
        return allowed

    def _check_effort(
        self, record: Record, job: dict[str, Any], final: dict[str, Any], failed: list[dict[str, Any]]
    ) -> None:
        """A page that nobody came to is only given up where the job was called off, or its attempts ran out.

        A retry of some pages leaves the others as they were.
        """
        asked = job.get("retried") or [report["report"]["page"] for report in final["pages"]]
        given_up = [one["page"] for one in failed if one["error"]["code"] == "not_reached" and one["page"] in asked]
        if given_up and final["status"] in ("partial", "error") and max(record.attempts, default=0) < MAX_ATTEMPTS:
            self._evidence.violated(f"{record.id}: pages {given_up} were given up with attempts left")

    def _check_fence(self, record: Record, final: dict[str, Any]) -> None:
        """What was reported by an attempt that had been taken over may only be a success."""
        began = invocation_began()
        newer = [
            n for n, attempt in record.attempts.items() if n > final["attempt"] and attempt.claimed_at < (began or 0)
        ]
        if newer and final["status"] != "success":
            self._evidence.violated(
                f"{record.id}: stale attempt {final['attempt']} ended the job as {final['status']}, {newer} is there"
            )

    def check_ended(self, record: Record) -> None:
        if record.final is None:
            return self._evidence.violated(f"{record.id} has no end")
        stored = self._evidence.json(f"jobs/{record.id}/final.json")
        if stored != record.final:
            self._evidence.violated(f"{record.id}: its final changed")
        job = self._evidence.job(record.id)
        for page in record.final["pages"]:
            if page["report"]["status"] == "done" and not self._evidence.verifies(job, page["report"]):
                self._evidence.violated(
                    f"{record.id}: page {page['report']['page']} was done and is not there any more"
                )
        return None

    def check_fair(self) -> None:
        """Where nothing goes wrong everything succeeds."""
        for record in self._evidence.records.values():
            if record.final and record.final["status"] != "success":
                self._evidence.violated(f"{record.id} ended as {record.final['status']} though nothing went wrong")
