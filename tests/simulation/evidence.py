"""What is stored, as the invariants see it: the jobs' records as time went by, and what was found to be wrong.

Worked out from the stored bytes alone, with none of the orchestrator's own code, so that a mistake there is not
repeated here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.store import Store
from tests.simulation.trace import Trace


@dataclass(slots=True)
class Attempt:
    """What is stored of an attempt, as time went by."""

    claimed_at: float
    pages: tuple[int, ...]
    taken_at: float
    beaten_at: list[float] = field(default_factory=list)
    done: dict[int, float] = field(default_factory=dict)
    """Pages that a report said are done, and since when that was known."""
    spent: dict[int, float] = field(default_factory=dict)
    """Likewise those that the job's budget did not reach."""
    result_at: float | None = None


@dataclass(slots=True)
class Record:
    """One job, as the store shows it."""

    id: str
    attempts: dict[int, Attempt] = field(default_factory=dict)
    final: dict[str, Any] | None = None
    final_at: float = 0.0


class Evidence:
    """``now`` in seconds of the story. ``violations`` stay empty in a story that goes as it must."""

    def __init__(self, store: Store, trace: Trace, now: Callable[[], float]) -> None:
        self.store, self.trace, self.now = store, trace, now
        self.violations: list[str] = []
        self.records: dict[str, Record] = {}
        self.is_over = False
        """What breaks while everything is cleared away counts no more."""

    def violated(self, what: str) -> None:
        if not self.is_over:
            self.trace.note("VIOLATION", what)
            self.violations.append(what)

    def record(self, job_id: str) -> Record:
        return self.records.setdefault(job_id, Record(job_id))

    def json(self, key: str, *, default: Any = None) -> Any:
        held = self.store.objects.get(key)
        return json.loads(held[1]) if held else default

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.json(f"jobs/{job_id}/job.json")
        return found

    def job_ids(self) -> list[str]:
        """Every job that was ever made."""
        return [
            key.split("/")[1] for key in self.store.objects if key.startswith("jobs/") and key.endswith("/job.json")
        ]

    def verifies(self, job: dict[str, Any], report: dict[str, Any]) -> bool:
        """The page's image and document are stored with the size and the MD5 that were reported."""
        output, request = report["output"], job["request"]
        maker = output.get("job_id") or job["id"]
        place = f"outputs/by-chapter/{job['owner']}/{request['chapter_id']}/{maker}/a{output['attempt']}/pages/"
        stem = f"{place}{report['page']:04d}"
        return self._is(f"{stem}.{output['image_format']}", output["image"]) and self._is(
            f"{stem}.json", output["document"]
        )

    def verifies_anywhere(self, job_id: str, page: int) -> bool:
        """Whether any report says that the page is done, truly."""
        job = self.job(job_id)
        for n in self.record(job_id).attempts:
            for place in ("heartbeats", "results"):
                report = self._report(f"jobs/{job_id}/{place}/{n}.json")
                for one in report.get("pages", ()):
                    if one["page"] == page and one["status"] == "done" and self.verifies(job, one):
                        return True
        return False

    def _is(self, key: str, reported: dict[str, Any]) -> bool:
        held = self.store.objects.get(key)
        if held is None:
            return False
        return (len(held[1]), hashlib.md5(held[1]).hexdigest()) == (reported["size"], reported["md5"])

    def _report(self, key: str) -> dict[str, Any]:
        """A manifest may have been damaged on its way."""
        held = self.store.objects.get(key)
        try:
            return json.loads(held[1]) if held else {}
        except ValueError:
            return {}
