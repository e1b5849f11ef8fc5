"""Attempts: claimed once each, taken over only from the dead, and no page done twice."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tests.simulation.ambient import EPOCH
from tests.simulation.evidence import Attempt, Evidence, Record
from tests.simulation.finals import MAX_ATTEMPTS
from tests.simulation.fleet import Worked
from tests.simulation.location import invocation_began
from tests.simulation.store import Put


class Attempts:
    """Looks at claims, heartbeats and manifests as they are stored, and at every stage that begins on a page."""

    def __init__(self, evidence: Evidence, *, lease_s: float) -> None:
        self._evidence, self._lease_s = evidence, lease_s
        self.works: list[Worked] = []
        self._claims: Counter[str] = Counter()

    def claimed(self, body: bytes) -> None:
        """An attempt is claimed once."""
        order = json.loads(body)
        name = f"{order['job_id']}/{order['attempt']}"
        self._claims[name] += 1
        if self._claims[name] > 1:
            self._evidence.violated(f"attempt {name} was given to two claimers")

    def worked(self, work: Worked) -> None:
        """Within an attempt, no two processes translate a page, and none twice."""
        self.works.append(work)
        if work.stage != "translate":
            return
        before = [
            other
            for other in self.works[:-1]
            if (other.stage, other.job_id, other.page, other.attempt)
            == (work.stage, work.job_id, work.page, work.attempt)
        ]
        if before:
            self._evidence.violated(
                f"page {work.page} of {work.job_id} was translated twice in attempt {work.attempt}: "
                f"by {before[0].process} and {work.process}"
            )

    def on_claim(self, record: Record, n: int, put: Put) -> None:
        claim = json.loads(put.body)
        pages = tuple(claim["pages"])
        if n in record.attempts:
            if pages != record.attempts[n].pages:
                self._evidence.violated(f"{record.id}: attempt {n} was claimed twice")
            return
        if n > MAX_ATTEMPTS or n != len(record.attempts) + 1:
            self._evidence.violated(f"{record.id}: attempt {n} after {sorted(record.attempts)}")
        if n > 1:
            self._check_takeover(record, n, put, pages)
        taken_at = claim["accepted_at"] - EPOCH if claim.get("accepted_at") else put.at
        record.attempts[n] = Attempt(put.at, pages, taken_at)

    def _check_takeover(self, record: Record, n: int, put: Put, pages: tuple[int, ...]) -> None:
        """Not before the attempt gave up or was silent for its lease; and what is done is not done again."""
        began = invocation_began() or put.at
        before = record.attempts.get(n - 1)
        if before and before.result_at is None and not self._was_silent(before, began, put.at):
            self._evidence.violated(f"{record.id}: attempt {n} took over from one that lives")
        job = self._evidence.job(record.id)
        for attempt in record.attempts.values():
            again = [page for page in pages if attempt.done.get(page, began) < began]
            for page in again:
                if self._evidence.verifies_anywhere(record.id, page):
                    self._evidence.violated(f"{record.id}: page {page} was done and is ordered again in attempt {n}")
            for page in pages:
                if attempt.spent.get(page, began) < began:
                    self._evidence.violated(f"{record.id}: page {page} is ordered in attempt {n}, its budget spent")
        if any(not 1 <= page <= len(job["request"]["pages"]) for page in pages) or not pages:
            self._evidence.violated(f"{record.id}: attempt {n} is ordered to do {pages}")

    def _was_silent(self, attempt: Attempt, began: float, at: float) -> bool:
        """Whether, at some moment of the invocation, the last report, or the claim, was older than the lease."""
        beats = [attempt.taken_at, *attempt.beaten_at, at]
        return any(began <= until and min(until, at) - beat > self._lease_s for beat, until in pairwise(beats))

    def on_beat(self, record: Record, n: int, put: Put) -> None:
        beat, attempt = json.loads(put.body), record.attempts.get(n)
        if attempt is None:
            return self._evidence.violated(f"{record.id}: a report of attempt {n}, which nobody ordered")
        if put.before is not None and json.loads(put.before)["worker_id"] != beat["worker_id"]:
            self._evidence.violated(f"{record.id}: attempt {n} changed hands")
        attempt.beaten_at.append(put.at)
        self._note_done(attempt, beat, put.at)
        if beat["type"] == "result":
            attempt.result_at = attempt.result_at or put.at
        return None

    def on_result(self, record: Record, n: int, put: Put) -> None:
        attempt = record.attempts.get(n)
        if attempt is None:
            return self._evidence.violated(f"{record.id}: a result of attempt {n}, which nobody ordered")
        attempt.result_at = attempt.result_at or put.at
        return None

    def _note_done(self, attempt: Attempt, report: dict[str, Any], at: float) -> None:
        for page in report["pages"]:
            if page["status"] == "done":
                attempt.done.setdefault(page["page"], at)
            elif page["status"] == "failed" and page["error"]["code"] == "budget_spent":
                attempt.spent.setdefault(page["page"], at)

    def check_fair(self) -> None:
        """Where nothing goes wrong every page is translated once."""
        for page, times in self.translations().items():
            if times > 1:
                self._evidence.violated(f"page {page} was translated {times} times though nothing went wrong")

    @property
    def takeovers(self) -> int:
        return sum(max(0, len(record.attempts) - 1) for record in self._evidence.records.values())

    def translations(self) -> Mapping[tuple[str, int], int]:
        counts: dict[tuple[str, int], int] = defaultdict(int)
        for work in self.works:
            if work.stage == "translate":
                counts[work.job_id, work.page] += 1
        return counts
