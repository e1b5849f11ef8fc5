"""What must hold, whatever happens: looked at with every object that is stored, and at the end.

Worked out from the stored bytes alone, with none of the orchestrator's own code, so that a mistake there is not
repeated here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from contract.status import JobStatus, PageStatus
from contract.view import JobView
from tests.simulation.ambient import EPOCH
from tests.simulation.consumer import Consumer, Delivery
from tests.simulation.fleet import Worked
from tests.simulation.location import invocation_began
from tests.simulation.message import Answer, Message
from tests.simulation.store import Put, Store
from tests.simulation.trace import Trace

MAX_ATTEMPTS = 5
_EXPECTED_ERRORS = ("PlatformError", "FetchError")
"""What may be logged of an invocation: the storage failed it. Anything else escaped."""
_KEY = re.compile(r"jobs/(?P<job>[^/]+)/(?P<what>[a-z]+)(/(?P<n>\d+))?\.json")
_TOKEN = re.compile(r"X-Amz-Signature|[?&]t=|whsec_|Bearer ")


@dataclass(slots=True)
class Attempt:
    """What is stored of an attempt, as time went by."""

    claimed_at: float
    pages: tuple[int, ...]
    taken_at: float
    beaten_at: list[float] = field(default_factory=list)
    done: dict[int, float] = field(default_factory=dict)
    """Pages that a report said are done, and since when that was known."""
    result_at: float | None = None


@dataclass(slots=True)
class Record:
    """One job, as the store shows it."""

    id: str
    attempts: dict[int, Attempt] = field(default_factory=dict)
    final: dict[str, Any] | None = None
    final_at: float = 0.0


class Oracle:
    """``violations`` are empty in a story that went as it must. ``forgery`` says whether outputs were corrupted."""

    def __init__(
        self,
        store: Store,
        consumer: Consumer,
        trace: Trace,
        now: Callable[[], float],
        *,
        lease_s: float,
        secrets: Iterable[str],
    ) -> None:
        self._store, self._consumer, self._trace, self._now = store, consumer, trace, now
        self._lease_s, self._secrets = lease_s, tuple(secrets)
        self.violations: list[str] = []
        self.records: dict[str, Record] = {}
        self.works: list[Worked] = []
        self.events: Counter[str] = Counter()
        self._ids: dict[int, str] = {}
        self._successors: dict[str, str] = {}
        self._claims: Counter[str] = Counter()
        self._views: dict[str, JobView] = {}
        self._owners: dict[tuple[str, int], str] = {}
        self._believed: Counter[tuple[str, str]] = Counter()
        self.is_over = False
        store.watch = self._stored

    def violated(self, what: str) -> None:
        if not self.is_over:
            self._trace.note("VIOLATION", what)
            self.violations.append(what)

    # Clients

    def answered_create(self, number: int, job_id: str) -> None:
        """One idempotency key, one job."""
        if self._ids.setdefault(number, job_id) != job_id:
            self.violated(f"one idempotency key led to two jobs, {self._ids[number]} and {job_id}")

    def retried(self, job_id: str, successor: str) -> None:
        """The job after a job is one and the same, whoever asks."""
        if self._successors.setdefault(job_id, successor) != successor:
            self.violated(f"{job_id} has two successors, {self._successors[job_id]} and {successor}")

    def refused_retry(self, job_id: str, answer: Answer) -> None:
        """Right only where the inputs are gone, or another client's retry was there first, for other pages."""
        if answer.status == 409 and job_id not in self._successors:
            superseded_by = json.loads(answer.body).get("superseded_by")
            if not superseded_by:
                self.violated(f"{job_id}: a retry of what failed was refused: {answer.body!r}")

    def claimed(self, body: bytes) -> None:
        """An attempt is claimed once."""
        order = json.loads(body)
        name = f"{order['job_id']}/{order['attempt']}"
        self._claims[name] += 1
        if self._claims[name] > 1:
            self.violated(f"attempt {name} was given to two claimers")

    def saw(self, who: str, view: JobView) -> None:
        """Nothing that an observer has seen goes back."""
        before, self._views[who] = self._views.get(who), view
        if before is None or before.id != view.id:
            return
        if before.status.is_terminal and (before.status, before.pages) != (view.status, view.pages):
            self.violated(f"{who}: an ended job changed from {before.status} to {view.status}")
        for old, new in zip(before.pages, view.pages, strict=True):
            if old.status.is_terminal and not new.status.is_terminal:
                self.violated(f"{who}: page {old.page} went back from {old.status} to {new.status}")
            if (
                old.status is PageStatus.DONE
                and new.status is PageStatus.FAILED
                and self._verifies_anywhere(view.id, old.page)
            ):
                self.violated(f"{who}: page {old.page}, which is stored, went back from done to failed")

    def turned_away(self, job_id: str, status: int) -> None:
        """A poll was answered 401 or 410: right only once the job's time is over."""
        job = self._json(f"jobs/{job_id}/job.json")
        if job["expires_at"] > EPOCH + self._now():
            self.violated(f"a poll of {job_id} was answered {status} before it expired")

    # Messages and logs

    def answered(self, who: str, message: Message, answer: Answer) -> None:
        """A signed message is believed once, and no answer is a defect."""
        if answer.status == 500:
            self.violated(f"{who}: {message.method} {message.path} was answered 500")
        name = message.headers.get("webhook-id")
        if name and 200 <= answer.status < 300:
            self._believed[who, name] += 1
            if self._believed[who, name] > 1:
                self.violated(f"message {name} was believed twice by {who} ({message.path})")

    def believed(self, body: bytes, arrived_at: float) -> None:
        """A report that got a 200: its process owns the attempt, and the attempt is the newest, or won."""
        report = json.loads(body)
        record = self._record(report["job_id"])
        owner = self._owners.setdefault((record.id, report["attempt"]), report["worker_id"])
        if owner != report["worker_id"]:
            self.violated(f"{record.id}: two processes were believed about attempt {report['attempt']}")
        newer = [n for n, one in record.attempts.items() if n > report["attempt"] and one.claimed_at < arrived_at]
        won = report["type"] == "result" and record.final is not None and record.final["status"] == "success"
        if newer and not won:
            self.violated(f"{record.id}: a report of attempt {report['attempt']} was believed, and {newer} has the job")

    def logged(self, who: str, event: str, fields: Mapping[str, Any]) -> None:
        self.events[event] += 1
        line = json.dumps({"event": event, **fields})
        self.line(who, line)
        if "error" in fields and fields["error"] not in _EXPECTED_ERRORS:
            self.violated(f"an exception escaped: {line}")

    def line(self, who: str, line: str) -> None:
        """A log line of anybody."""
        if any(secret in line for secret in self._secrets) or _TOKEN.search(line):
            self.violated(f"a secret in a log line of {who}: {line}")

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
            self.violated(
                f"page {work.page} of {work.job_id} was translated twice in attempt {work.attempt}: "
                f"by {before[0].process} and {work.process}"
            )

    # The store

    def _stored(self, put: Put) -> None:
        match = _KEY.fullmatch(put.key)
        if match is None:
            return
        record, n = self._record(match["job"]), int(match["n"] or 0)
        match match["what"]:
            case "final":
                self._on_final(record, put)
            case "attempts":
                self._on_claim(record, n, put)
            case "heartbeats":
                self._on_beat(record, n, put)
            case "results":
                self._on_result(record, n, put)

    def _on_final(self, record: Record, put: Put) -> None:
        final = json.loads(put.body)
        if record.final is not None:
            self.violated(f"{record.id} has two finals: {record.final['status']}, then {final['status']}")
            return
        record.final, record.final_at = final, put.at
        self._trace.note("final", f"{record.id}: {final['status']} by attempt {final['attempt']}")
        self._check_final(record, final)
        self._check_fence(record, final)

    def _check_final(self, record: Record, final: dict[str, Any]) -> None:
        """Every page has an end, what is called done is there, and the status follows from the pages."""
        job = self._json(f"jobs/{record.id}/job.json")
        reports = [page["report"] for page in final["pages"]]
        numbers = [report["page"] for report in reports]
        if numbers != list(range(1, len(job["request"]["pages"]) + 1)):
            self.violated(f"{record.id}: its final has the pages {numbers}")
        done = [report for report in reports if report["status"] == "done"]
        failed = [report for report in reports if report["status"] == "failed" and report.get("error")]
        if len(done) + len(failed) != len(reports):
            self.violated(f"{record.id}: a page has no end in its final")
        for report in done:
            if not self._verifies(job, report):
                self.violated(f"{record.id}: page {report['page']} is called done and is not there as reported")
        allowed = self._allowed(record, job, final, len(done), len(failed))
        if final["status"] not in allowed:
            self.violated(f"{record.id} ended as {final['status']}, which is none of {sorted(allowed)}")
        self._check_effort(record, job, final, failed)

    def _allowed(self, record: Record, job: dict[str, Any], final: dict[str, Any], done: int, failed: int) -> set[str]:
        if not failed:
            return {"success"}
        allowed = {"partial" if done else "error"}
        if f"jobs/{record.id}/cancel.json" in self._store.objects:
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
            self.violated(f"{record.id}: pages {given_up} were given up with attempts left")

    def _check_fence(self, record: Record, final: dict[str, Any]) -> None:
        """What was reported by an attempt that had been taken over may only be a success."""
        began = invocation_began()
        newer = [
            n for n, attempt in record.attempts.items() if n > final["attempt"] and attempt.claimed_at < (began or 0)
        ]
        if newer and final["status"] != "success":
            self.violated(
                f"{record.id}: stale attempt {final['attempt']} ended the job as {final['status']}, {newer} is there"
            )

    def _on_claim(self, record: Record, n: int, put: Put) -> None:
        claim = json.loads(put.body)
        pages = tuple(claim["pages"])
        if n in record.attempts:
            if pages != record.attempts[n].pages:
                self.violated(f"{record.id}: attempt {n} was claimed twice")
            return
        if n > MAX_ATTEMPTS or n != len(record.attempts) + 1:
            self.violated(f"{record.id}: attempt {n} after {sorted(record.attempts)}")
        if n > 1:
            self._check_takeover(record, n, put, pages)
        taken_at = claim["accepted_at"] - EPOCH if claim.get("accepted_at") else put.at
        record.attempts[n] = Attempt(put.at, pages, taken_at)

    def _check_takeover(self, record: Record, n: int, put: Put, pages: tuple[int, ...]) -> None:
        """Not before the attempt gave up or was silent for its lease; and what is done is not done again."""
        began = invocation_began() or put.at
        before = record.attempts.get(n - 1)
        if before and before.result_at is None and not self._was_silent(before, began, put.at):
            self.violated(f"{record.id}: attempt {n} took over from one that lives")
        job = self._json(f"jobs/{record.id}/job.json")
        for attempt in record.attempts.values():
            again = [page for page in pages if attempt.done.get(page, began) < began]
            for page in again:
                if self._verifies_anywhere(record.id, page):
                    self.violated(f"{record.id}: page {page} was done and is ordered again in attempt {n}")
        if any(not 1 <= page <= len(job["request"]["pages"]) for page in pages) or not pages:
            self.violated(f"{record.id}: attempt {n} is ordered to do {pages}")

    def _was_silent(self, attempt: Attempt, began: float, at: float) -> bool:
        """Whether, at some moment of the invocation, the last report, or the claim, was older than the lease."""
        beats = [attempt.taken_at, *attempt.beaten_at, at]
        return any(began <= until and min(until, at) - beat > self._lease_s for beat, until in pairwise(beats))

    def _on_beat(self, record: Record, n: int, put: Put) -> None:
        beat, attempt = json.loads(put.body), record.attempts.get(n)
        if attempt is None:
            return self.violated(f"{record.id}: a report of attempt {n}, which nobody ordered")
        if put.before is not None and json.loads(put.before)["worker_id"] != beat["worker_id"]:
            self.violated(f"{record.id}: attempt {n} changed hands")
        attempt.beaten_at.append(put.at)
        self._note_done(attempt, beat, put.at)
        if beat["type"] == "result":
            attempt.result_at = attempt.result_at or put.at
        return None

    def _on_result(self, record: Record, n: int, put: Put) -> None:
        attempt = record.attempts.get(n)
        if attempt is None:
            return self.violated(f"{record.id}: a result of attempt {n}, which nobody ordered")
        attempt.result_at = attempt.result_at or put.at
        return None

    def _note_done(self, attempt: Attempt, report: dict[str, Any], at: float) -> None:
        for page in report["pages"]:
            if page["status"] == "done":
                attempt.done.setdefault(page["page"], at)

    # The end

    def check_end(self, *, fair: bool) -> None:
        for record in self.records.values():
            self._check_ended(record)
        if fair:
            self._check_fair()
        for problem in self._consumer.problems:
            self.violated(problem)

    def _check_ended(self, record: Record) -> None:
        if record.final is None:
            return self.violated(f"{record.id} has no end")
        stored = self._json(f"jobs/{record.id}/final.json")
        if stored != record.final:
            self.violated(f"{record.id}: its final changed")
        job = self._json(f"jobs/{record.id}/job.json")
        for page in record.final["pages"]:
            if page["report"]["status"] == "done" and not self._verifies(job, page["report"]):
                self.violated(f"{record.id}: page {page['report']['page']} was done and is not there any more")
        if "webhook_url" in job["request"]:
            self._check_webhook(record)
        return None

    def _check_webhook(self, record: Record) -> None:
        assert record.final is not None
        event_id = record.final["event_id"]
        heard = [delivery for delivery in self._consumer.deliveries if delivery.event.job_id == record.id]
        parcel = self._json(f"outbox/{record.id}/{event_id}.json", default={"state": "absent"})
        if parcel["state"] not in ("delivered", "failed", "disabled"):
            self.violated(f"{record.id}: its webhook is {parcel['state']}")
        if parcel["state"] == "delivered" and not any(200 <= delivery.answered < 300 for delivery in heard):
            self.violated(f"{record.id}: its webhook is called delivered, and nobody got it")
        if parcel["state"] == "disabled" and not any(delivery.answered == 410 for delivery in heard):
            self.violated(f"{record.id}: its webhook is disabled, and nobody answered 410")
        self._check_heard(record, heard, event_id)

    def _check_heard(self, record: Record, heard: list[Delivery], event_id: str) -> None:
        assert record.final is not None
        if {delivery.event_id for delivery in heard} - {event_id} or len({delivery.body for delivery in heard}) > 1:
            self.violated(f"{record.id}: its deliveries differ")
        if {delivery.event.status for delivery in heard} - {JobStatus(record.final["status"])}:
            self.violated(f"{record.id}: its consumer heard of another end")

    def _check_fair(self) -> None:
        """Where nothing goes wrong: every page is translated once, and everything succeeds."""
        pages = Counter((work.job_id, work.page) for work in self.works if work.stage == "translate")
        for page, times in pages.items():
            if times > 1:
                self.violated(f"page {page} was translated {times} times though nothing went wrong")
        for record in self.records.values():
            if record.final and record.final["status"] != "success":
                self.violated(f"{record.id} ended as {record.final['status']} though nothing went wrong")

    # Looking things up

    def _record(self, job_id: str) -> Record:
        return self.records.setdefault(job_id, Record(job_id))

    def _json(self, key: str, *, default: Any = None) -> Any:
        held = self._store.objects.get(key)
        return json.loads(held[1]) if held else default

    def _verifies(self, job: dict[str, Any], report: dict[str, Any]) -> bool:
        """The page's image and document are stored with the size and the MD5 that were reported."""
        output, request = report["output"], job["request"]
        maker = output.get("job_id") or job["id"]
        place = f"outputs/by-chapter/{job['owner']}/{request['chapter_id']}/{maker}/a{output['attempt']}/pages/"
        stem = f"{place}{report['page']:04d}"
        return self._is(f"{stem}.{output['image_format']}", output["image"]) and self._is(
            f"{stem}.json", output["document"]
        )

    def _is(self, key: str, reported: dict[str, Any]) -> bool:
        held = self._store.objects.get(key)
        if held is None:
            return False
        return (len(held[1]), hashlib.md5(held[1]).hexdigest()) == (reported["size"], reported["md5"])

    def _verifies_anywhere(self, job_id: str, page: int) -> bool:
        """Whether any report says that the page is done, truly."""
        job = self._json(f"jobs/{job_id}/job.json")
        for n in self._record(job_id).attempts:
            for place in ("heartbeats", "results"):
                report = self._report(f"jobs/{job_id}/{place}/{n}.json")
                for one in report.get("pages", ()):
                    if one["page"] == page and one["status"] == "done" and self._verifies(job, one):
                        return True
        return False

    def _report(self, key: str) -> dict[str, Any]:
        """A manifest may have been damaged on its way."""
        held = self._store.objects.get(key)
        try:
            return json.loads(held[1]) if held else {}
        except ValueError:
            return {}

    @property
    def ends(self) -> Counter[str]:
        return Counter(record.final["status"] if record.final else "none" for record in self.records.values())

    @property
    def takeovers(self) -> int:
        return sum(max(0, len(record.attempts) - 1) for record in self.records.values())

    def translations(self) -> Mapping[tuple[str, int], int]:
        counts: dict[tuple[str, int], int] = defaultdict(int)
        for work in self.works:
            if work.stage == "translate":
                counts[work.job_id, work.page] += 1
        return counts
